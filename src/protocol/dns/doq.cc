#include "protocol/dns/doq.h"

#include <algorithm>

#include "protocol/dns/dns.h"
#include "protocol/quic/streams.h"

namespace tattle {
namespace {

// One stream. Drafts before 03 had no length before the message, which was the whole stream: it is collected until its
// end and read with the length that it would have had.
class DoqStream : public StreamSink {
 public:
  DoqStream(const FlowInfo& flow, const StreamContext& above, ParserContext& context) : reader_(flow, above, context) {}

  void on_data(const Chunk& chunk) override {
    Half& half = halves_[index(chunk.direction)];
    if (!half.judged) {
      half.judged = true;
      const bool behind_length = chunk.data.size() >= 2 && looks_like_dns(chunk.data.subspan(2));
      half.bare = !behind_length && looks_like_dns(chunk.data);
    }
    if (!half.bare) return reader_.on_data(chunk);
    half.bytes.insert(half.bytes.end(), chunk.data.begin(), chunk.data.end());
    add_packets(half.packets, chunk.packets);
    if (half.bytes.size() > kLongest) flush(chunk);
  }
  void on_gap(const Chunk& where, std::uint64_t missing) override {
    flush(where);
    reader_.on_gap(where, missing);
  }
  void on_end(const Chunk& where) override {
    flush(where);
    reader_.on_end(where);
  }

 private:
  static constexpr std::size_t kLongest = 0xffff;
  struct Half {
    bool judged = false, bare = false;
    ByteVector bytes;
    PacketRuns packets;
  };

  void flush(const Chunk& where) {
    Half& half = halves_[index(where.direction)];
    half.judged = true;
    half.bare = false;
    if (half.bytes.empty()) return;
    const std::size_t size = std::min(half.bytes.size(), kLongest);
    const std::uint8_t length[] = {static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
    reader_.on_data({where.flow, where.direction, 0, where.seen, half.packets, length});
    reader_.on_data({where.flow, where.direction, 2, where.seen, half.packets, half.bytes});
    half.bytes = {};
  }

  DnsTcp reader_;
  Half halves_[2];
};

}  // namespace

std::unique_ptr<QuicApplication> make_doq(const FlowInfo& flow, const StreamContext& above, ParserContext& context) {
  const auto make = [](const FlowInfo& info, const StreamContext& layers,
                       ParserContext& parser) -> std::unique_ptr<StreamSink> {
    return std::make_unique<DoqStream>(info, layers, parser);
  };
  return std::make_unique<QuicStreams>(flow, above, context, make, "dns");
}

}  // namespace tattle
