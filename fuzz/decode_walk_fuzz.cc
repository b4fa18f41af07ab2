// Any bytes under any declared type, and as a window of a stream that nobody knows: the first byte picks what is
// declared, the rest is walked.
#include <cstdlib>

#include "decode/value.h"

namespace {

// Reads each byte that it is shown, so that a range outside its buffer is seen, and checks what the border promises.
class Reader : public tattle::ValueVisitor {
 public:
  void enter(const tattle::Value& value) override {
    for (std::uint8_t byte : value.bytes) sum_ += byte;
    if (value.parent) {
      const tattle::Value& parent = *value.parent;
      if (value.parent_begin > value.parent_end || value.parent_end > parent.bytes.size()) std::abort();
      if (!value.fresh && value.bytes.data() != parent.bytes.data() + value.parent_begin) std::abort();
    }
    if (++count_ % 16 == 1) sum_ += tattle::path_of(value).size();
  }
  void leave(const tattle::Value& value) override { sum_ += value.bytes.empty() ? 0 : value.bytes.back(); }

 private:
  std::uint64_t sum_ = 0, count_ = 0;
};

constexpr tattle::Declared kDeclared[] = {{"", ""},
                                          {"", "gzip"},
                                          {"", "deflate"},
                                          {"", "br"},
                                          {"", "zstd"},
                                          {"application/json", ""},
                                          {"image/jpeg", ""},
                                          {"application/x-www-form-urlencoded", ""},
                                          {"multipart/form-data; boundary=x", ""},
                                          {"multipart/mixed", ""},
                                          {"text/plain; charset=utf-16", ""},
                                          {"text/plain; charset=shift_jis", ""},
                                          {"application/json; charset=iso-2022-jp", "br, gzip"},
                                          {"text/plain; charset=utf-7", ""}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  tattle::Limits limits;
  limits.decode_output_bytes = 1 << 20;
  limits.decode_nodes = 20000;
  tattle::Anomalies anomalies;
  Reader reader;
  const tattle::Bytes bytes{data + 1, size - 1};
  const std::size_t declared = data[0] % (std::size(kDeclared) + 1);
  if (declared < std::size(kDeclared)) {
    tattle::walk_bytes(bytes, kDeclared[declared], limits, anomalies, {}, reader);
    return 0;
  }
  tattle::Message message;
  message.protocol = "tcp";
  message.body = bytes;
  tattle::walk_message(message, limits, anomalies, reader);
  return 0;
}
