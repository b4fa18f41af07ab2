// An MQTT connection, once in whole chunks and once byte by byte: the messages must be the same.
#include "protocol/mqtt/mqtt.h"
#include "protocol/testing/frame_fuzz_kit.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tattle;
  frame_kit::compare(Bytes(data, size), [](flow_kit::Conversation& talk) {
    return std::make_unique<MqttConnection>(talk.info, talk.context, talk.parser);
  });
  return 0;
}
