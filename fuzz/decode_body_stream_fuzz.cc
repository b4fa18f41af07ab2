#include <algorithm>
#include <string>

#include "decode/body/stream.h"

namespace {

// What the windows of a body hold without what they have in common with the window before.
class Windows : public tattle::MessageSink {
 public:
  void on_message(const tattle::Message& window) override {
    if (window.overlap > window.body.size()) __builtin_trap();
    if (window.body_pieces.size() > window.body.size()) __builtin_trap();
  }
};

constexpr const char* kTypes[] = {"",
                                  "text/plain",
                                  "multipart/form-data; boundary=b",
                                  "application/json",
                                  "application/x-www-form-urlencoded",
                                  "text/plain; charset=utf-16"};
constexpr const char* kCodings[] = {"", "gzip", "deflate", "br", "zstd", "gzip, br"};

}  // namespace

// First byte: type and coding, or that it is a mail; second: size of the pieces; third: after which of them bytes are
// lost.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  tattle::Limits limits;
  limits.raw_window_bytes = 64;
  limits.raw_overlap_bytes = 16;
  limits.decode_output_bytes = 1 << 16;
  tattle::Anomalies anomalies;
  tattle::Message message;
  message.fields.push_back({"content-type", kTypes[data[0] % 6]});
  if ((data[0] & 0x80) != 0) message.body_type = "message/rfc822";
  message.fields.push_back({"content-encoding", kCodings[data[0] / 6 % 6]});
  message.streamed = true;
  tattle::BodyStream stream(message, limits, anomalies);
  Windows windows;
  const std::size_t step = data[1] + 1;
  std::size_t piece = 0;
  const tattle::Bytes body(data + 3, size - 3);
  for (std::size_t at = 0; at < body.size(); at += step, ++piece) {
    message.body = body.subspan(at, std::min(step, body.size() - at));
    message.body_offset = at + (piece > data[2] ? 7 : 0);
    message.last_piece = at + step >= body.size();
    const tattle::PacketRun run{0, piece + 1, piece + 1};
    message.body_pieces.clear();
    message.body_pieces.add(message.body.size(), {&run, 1});
    stream.add(message, windows);
  }
  return 0;
}
