#include "protocol/quic/streams.h"

#include <string>

#include "protocol/mux.h"
#include "protocol/raw/raw.h"

namespace tattle {

struct QuicStreams::Stream {
  StreamContext context;
  std::unique_ptr<StreamSink> reader;
  bool used[2] = {false, false};
  bool ended[2] = {false, false};
};

QuicStreams::QuicStreams(const FlowInfo& flow, const StreamContext& above, ParserContext& context, Make make,
                         std::string_view name)
    : flow_(flow), above_(above), context_(context), make_(make), name_(name) {}
QuicStreams::~QuicStreams() = default;

// The transport bounds how many there are at once.
QuicStreams::Stream* QuicStreams::find_or_make(std::uint64_t id) {
  std::unique_ptr<Stream>& stream = streams_[id];
  if (!stream) {
    stream = std::make_unique<Stream>();
    stream->context = above_;
    stream->context.layers.push_back({"stream", std::to_string(id)});
    stream->reader = make_(flow_, stream->context, context_);
  }
  return stream.get();
}

void QuicStreams::on_stream_data(std::uint64_t id, const Chunk& chunk) {
  Stream* stream = find_or_make(id);
  stream->used[index(chunk.direction)] = true;
  stream->reader->on_data(chunk);
}

void QuicStreams::on_stream_gap(std::uint64_t id, const Chunk& where, std::uint64_t missing) {
  Stream* stream = find_or_make(id);
  stream->used[index(where.direction)] = true;
  stream->reader->on_gap(where, missing);
}

void QuicStreams::on_stream_end(std::uint64_t id, const Chunk& where, bool) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  Stream& stream = *found->second;
  const std::size_t side = index(where.direction);
  if (stream.used[side] && !stream.ended[side]) stream.reader->on_end(where);
  stream.ended[side] = true;
  const bool unidirectional = (id & 2) != 0;
  if (unidirectional || (stream.ended[0] && stream.ended[1])) streams_.erase(found);
}

void QuicStreams::on_quic_datagram(const Chunk& chunk) { emit_raw_datagram(chunk, false, above_, context_); }

std::unique_ptr<QuicApplication> make_unknown_quic(const FlowInfo& flow, const StreamContext& above,
                                                   ParserContext& context) {
  const auto make = [](const FlowInfo& info, const StreamContext& layers,
                       ParserContext& parser) -> std::unique_ptr<StreamSink> {
    return std::make_unique<Mux>(info, layers, parser);
  };
  return std::make_unique<QuicStreams>(flow, above, context, make, "unknown");
}

}  // namespace tattle
