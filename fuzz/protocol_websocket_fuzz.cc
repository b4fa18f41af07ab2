// A WebSocket, with compression or without, by the first byte; once in whole chunks and once byte by byte.
#include "protocol/testing/frame_fuzz_kit.h"
#include "protocol/websocket/websocket.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  if (size == 0) return 0;
  static const char* const kExtensions[] = {"", "permessage-deflate",
                                            "permessage-deflate; server_no_context_takeover; client_max_window_bits=9"};
  const std::uint8_t kind = data[0];
  frame_kit::compare(Bytes(data + 1, size - 1), [&](flow_kit::Conversation& talk) {
    WebSocketOpening opening;
    opening.extensions = kExtensions[kind % 3];
    if ((kind & 0x80) != 0) opening.subprotocol = "mqtt";
    return std::make_unique<WebSocketConnection>(talk.info, talk.context, talk.parser, opening);
  });
  return 0;
}
