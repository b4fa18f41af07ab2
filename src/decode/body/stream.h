#pragma once

#include <cstdint>
#include <memory>

#include "base/anomalies.h"
#include "base/limits.h"
#include "decode/value.h"
#include "protocol/message.h"

namespace tattle {

/// Decodes one body that is too large to be held whole (`Message::streamed`), piece by piece: content codings and their
/// chains, archives' outer compression, charsets, multipart parts with their own transfer encoding, forms, base64 and
/// hex, escapes in JSON text. What comes out goes on in windows of limits.raw_window_bytes that overlap by
/// limits.raw_overlap_bytes; each is a Message whose layers tell the steps and whose pieces the packets. Memory: a few
/// hundred kilobytes, whatever the body's size. Decoders that need whole buffers see only parts that fit in a window.
/// @anomaly decode.lost-in-coded-body  Bytes were lost within a compressed body; what follows is searched as it is.
/// @anomaly decode.limit-ratio         Output stopped at limits.decode_stream_ratio times the input.
/// @anomaly decode.limit-depth, decode.coding-mismatch, decode.unknown-coding, decode.cut-multipart, and decode.cut-*
///          and decode.damaged-* of the codings
class BodyStream {
 public:
  /// @param first  The first piece; its fields say what the body is.
  BodyStream(const Message& first, const Limits& limits, Anomalies& anomalies);
  /// For a compressed member of a stream that no parser knows.
  /// @param begin  Of the member in the stream. Pieces begin there, and bring the stream on.
  BodyStream(const OpenMember& member, std::uint64_t begin, const Limits& limits, Anomalies& anomalies);
  ~BodyStream();

  /// The next piece, in order. `windows` receives what is to be searched, during the call.
  void add(const Message& piece, MessageSink& windows);
  /// Of a member: it has ended, or cannot be read on.
  bool over() const;
  /// Bytes after content coding, so far.
  std::uint64_t content_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
