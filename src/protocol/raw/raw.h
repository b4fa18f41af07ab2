#pragma once

#include <array>

#include "protocol/buffer/piece_buffer.h"
#include "protocol/flow_parser.h"
#include "protocol/stream_context.h"

namespace tattle {

/// Hands a stream down as it is, because no parser knows it: windows of limits.raw_window_bytes that overlap by
/// limits.raw_overlap_bytes, per direction. Bytes without a hole are one message, whose pieces the windows are.
class RawStream : public StreamSink {
 public:
  RawStream(const FlowInfo& flow, const StreamContext& context, ParserContext& parser);
  void on_data(const Chunk& chunk) override;
  void on_gap(const Chunk& where, std::uint64_t missing) override;
  void on_end(const Chunk& where) override;

 private:
  void flush(Direction direction, bool last);

  const FlowInfo& flow_;
  const StreamContext& context_;
  ParserContext& parser_;
  std::array<PieceBuffer, 2> windows_;
  std::uint64_t next_[2] = {0, 0};  // offset in the stream that would continue the window
};

/// Hands one datagram down as it is. `cut`: the capture does not hold all of it.
void emit_raw_datagram(const Chunk& chunk, bool cut, const StreamContext& context, ParserContext& parser);

}  // namespace tattle
