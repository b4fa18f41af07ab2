// A body of gRPC, gRPC-Web or server-sent events, by the first byte; once in whole chunks and once byte by byte.
#include "protocol/body/splitter.h"
#include "protocol/testing/frame_fuzz_kit.h"

namespace {

using namespace tattle;

// Plays one direction's bytes into a splitter.
class Body {
 public:
  Body(flow_kit::Conversation& talk, std::string_view type) {
    Message head;
    talk.context.apply(head, talk.info, Direction::to_client, false);
    head.kind = MessageKind::response;
    head.fields = {{"content-type", type}, {"grpc-encoding", "gzip"}};
    splitter_ = make_body_splitter(head, talk.parser);
  }
  void on_data(const Chunk& chunk) { splitter_->on_data(chunk, chunk.data); }
  void on_gap(const Chunk& where, std::uint64_t missing) { splitter_->on_gap(where, missing); }
  void on_end(const Chunk& where) {
    if (where.direction == Direction::to_client) splitter_->on_end(false);
  }

 private:
  std::unique_ptr<BodySplitter> splitter_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const char* const kTypes[] = {"application/grpc", "application/grpc-web+json", "application/grpc-web-text",
                                       "text/event-stream"};
  const char* type = kTypes[data[0] % 4];
  frame_kit::compare(Bytes(data + 1, size - 1),
                     [&](flow_kit::Conversation& talk) { return std::make_unique<Body>(talk, type); });
  return 0;
}
