#include "decrypt/quic/frame.h"

#include "decrypt/quic/packet.h"

namespace tattle {
namespace {

// RFC 9000 section 12.4, table 3; RFC 9221 section 4; extensions that are met: draft-ietf-quic-ack-frequency,
// draft-ietf-quic-reliable-stream-reset, draft-huitema-quic-ts.
enum FrameType : std::uint64_t {
  kPadding = 0x00,
  kPing = 0x01,
  kAck = 0x02,
  kAckEcn = 0x03,
  kResetStream = 0x04,
  kStopSending = 0x05,
  kCrypto = 0x06,
  kNewToken = 0x07,
  kStream = 0x08,  // to 0x0f
  kMaxData = 0x10,
  kMaxStreamData = 0x11,
  kMaxStreamsBidi = 0x12,
  kMaxStreamsUni = 0x13,
  kDataBlocked = 0x14,
  kStreamDataBlocked = 0x15,
  kStreamsBlockedBidi = 0x16,
  kStreamsBlockedUni = 0x17,
  kNewConnectionId = 0x18,
  kRetireConnectionId = 0x19,
  kPathChallenge = 0x1a,
  kPathResponse = 0x1b,
  kConnectionClose = 0x1c,
  kApplicationClose = 0x1d,
  kHandshakeDone = 0x1e,
  kImmediateAck = 0x1f,
  kResetStreamAt = 0x24,
  kDatagram = 0x30,
  kDatagramWithLength = 0x31,
  kAckFrequency = 0xaf,
  kTimeStamp = 0x2f5,
};

constexpr std::uint64_t kMaxOffset = (std::uint64_t{1} << 62) - 1;

void read_ack(ByteReader& in, bool ecn, QuicFrame& frame) {
  frame.kind = QuicFrameKind::ack;
  frame.largest = read_varint(in, "ack.largest");
  read_varint(in, "ack.delay");
  frame.ranges = read_varint(in, "ack.range_count");
  frame.first_range = read_varint(in, "ack.first_range");
  if (frame.first_range > frame.largest) in.fail("ack.first_range", "below packet number zero");
  const Bytes start = in.rest();
  for (std::uint64_t i = 0; i < frame.ranges && !in.error(); ++i) {
    read_varint(in, "ack.gap");
    read_varint(in, "ack.range");
  }
  if (!in.error()) frame.ack_ranges = start.first(start.size() - in.remaining());
  for (int i = 0; ecn && i < 3; ++i) read_varint(in, "ack.ecn");
}

void read_stream(ByteReader& in, unsigned flags, QuicFrame& frame) {
  frame.kind = QuicFrameKind::stream;
  frame.stream = read_varint(in, "stream.id");
  frame.offset = (flags & 4) != 0 ? read_varint(in, "stream.offset") : 0;
  const std::uint64_t length = (flags & 2) != 0 ? read_varint(in, "stream.length") : in.remaining();
  frame.data = in.take(length, "stream.data");
  frame.fin = (flags & 1) != 0;
}

void read_close(ByteReader& in, bool application, QuicFrame& frame) {
  frame.kind = QuicFrameKind::connection_close;
  read_varint(in, "close.error");
  if (!application) read_varint(in, "close.frame_type");
  in.skip(read_varint(in, "close.reason.length"), "close.reason");
}

}  // namespace

QuicFrame read_quic_frame(ByteReader& in) {
  QuicFrame frame;
  const std::uint64_t type = read_varint(in, "frame.type");
  if (in.error()) return frame;
  if (type >= kStream && type < kStream + 8) {
    read_stream(in, static_cast<unsigned>(type & 7), frame);
  } else if (type == kPadding) {
    frame.kind = QuicFrameKind::padding;
    const Bytes rest = in.rest();
    std::size_t zeros = 0;
    while (zeros < rest.size() && rest[zeros] == 0) ++zeros;
    in.skip(zeros, "padding");
  } else if (type == kAck || type == kAckEcn) {
    read_ack(in, type == kAckEcn, frame);
  } else if (type == kCrypto) {
    frame.kind = QuicFrameKind::crypto;
    frame.offset = read_varint(in, "crypto.offset");
    frame.data = in.take(read_varint(in, "crypto.length"), "crypto.data");
  } else if (type == kResetStream || type == kResetStreamAt) {
    frame.kind = QuicFrameKind::reset_stream;
    frame.stream = read_varint(in, "reset_stream.id");
    read_varint(in, "reset_stream.error");
    frame.offset = read_varint(in, "reset_stream.final_size");
    if (type == kResetStreamAt) read_varint(in, "reset_stream.reliable_size");
  } else if (type == kNewConnectionId) {
    frame.kind = QuicFrameKind::new_connection_id;
    read_varint(in, "new_connection_id.sequence");
    read_varint(in, "new_connection_id.retire");
    frame.data = in.take(in.u8("new_connection_id.length"), "new_connection_id.id");
    frame.reset_token = in.take(16, "new_connection_id.token");
    if (frame.data.empty() || frame.data.size() > kMaxConnectionId) in.fail("new_connection_id.length", "not 1 to 20");
  } else if (type == kDatagram || type == kDatagramWithLength) {
    frame.kind = QuicFrameKind::datagram;
    const std::uint64_t length = type == kDatagram ? in.remaining() : read_varint(in, "datagram.length");
    frame.data = in.take(length, "datagram.data");
  } else if (type == kConnectionClose || type == kApplicationClose) {
    read_close(in, type == kApplicationClose, frame);
  } else if (type == kNewToken) {
    in.skip(read_varint(in, "new_token.length"), "new_token");
  } else if (type == kPathChallenge || type == kPathResponse) {
    in.skip(8, "path.data");
  } else if (type == kStopSending || type == kMaxStreamData || type == kStreamDataBlocked) {
    read_varint(in, "frame.stream");
    read_varint(in, "frame.value");
  } else if ((type >= kMaxData && type <= kStreamsBlockedUni) || type == kRetireConnectionId || type == kTimeStamp) {
    read_varint(in, "frame.value");
  } else if (type == kAckFrequency) {
    for (int i = 0; i < 4; ++i) read_varint(in, "ack_frequency.value");
  } else if (type != kPing && type != kHandshakeDone && type != kImmediateAck) {
    in.fail("frame.type", "not a frame that is known");
  }
  if (!in.error() && frame.data.size() > kMaxOffset - frame.offset) in.fail("frame.offset", "over 2^62-1");
  return frame;
}

}  // namespace tattle
