#pragma once

#include <cstdint>

#include "base/byte_reader.h"
#include "base/bytes.h"

namespace tattle {

/// What a frame is about; frames without a part here (MAX_DATA, PING, …) are `other`.
enum class QuicFrameKind : std::uint8_t {
  other,
  padding,
  ack,
  crypto,
  stream,
  reset_stream,
  new_connection_id,
  datagram,
  connection_close,
};

/// One frame. Spans live as long as the packet's plaintext.
struct QuicFrame {
  QuicFrameKind kind = QuicFrameKind::other;
  std::uint64_t stream = 0;  // id
  std::uint64_t offset = 0;  // of `data` in its stream; RESET_STREAM: the final size
  bool fin = false;
  Bytes data;                 // of CRYPTO, STREAM and DATAGRAM; the id of NEW_CONNECTION_ID
  Bytes reset_token;          // of NEW_CONNECTION_ID
  std::uint64_t largest = 0;  // packet number acknowledged
  std::uint64_t first_range = 0, ranges = 0;
  Bytes ack_ranges;  // the further ranges as they were sent
};

/// Reads the next frame; a failure is kept in the reader. A type that is not known ends the reader with field
/// `frame.type`, since its length is not known either. Sources: RFC 9000 section 19, RFC 9221 section 4.
QuicFrame read_quic_frame(ByteReader& in);

/// Calls use(first, last) for each range of packet numbers that an ACK frame names, the highest first.
template <class Use>
void each_acked(const QuicFrame& ack, Use use);

std::uint64_t read_varint(ByteReader& in, std::string_view field);

template <class Use>
void each_acked(const QuicFrame& ack, Use use) {
  ByteReader in(ack.ack_ranges);
  std::uint64_t last = ack.largest;
  if (ack.first_range > last) return;
  std::uint64_t first = last - ack.first_range;
  use(first, last);
  for (std::uint64_t i = 0; i < ack.ranges; ++i) {
    const std::uint64_t gap = read_varint(in, "ack.gap"), length = read_varint(in, "ack.range");
    if (in.error() || first < gap + 2 || first - gap - 2 < length) return;
    last = first - gap - 2;
    first = last - length;
    use(first, last);
  }
}

}  // namespace tattle
