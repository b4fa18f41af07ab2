#pragma once

#include <cstdint>
#include <optional>

#include "base/byte_reader.h"
#include "base/bytes.h"
#include "base/result.h"

namespace tattle {

inline constexpr std::uint32_t kQuicV1 = 1, kQuicV2 = 0x6b3343cf;
inline constexpr std::size_t kMaxConnectionId = 20;  // in these versions

/// A variable-length integer (RFC 9000 section 16).
std::uint64_t read_varint(ByteReader& in, std::string_view field);

/// v1, v2 and the drafts 27 to 32 that protect and frame as v1 does.
bool is_known_quic_version(std::uint32_t version);

enum class QuicPacketType : std::uint8_t { initial, early, handshake, retry, short_header, version_negotiation };

/// One packet of a datagram, still protected. Spans live as long as the datagram.
struct QuicPacket {
  QuicPacketType type = QuicPacketType::short_header;
  std::uint32_t version = 0;  // of long headers
  Bytes destination, source;  // connection ids of long headers
  Bytes token;                // of Initial and Retry packets
  Bytes tag;                  // integrity tag of a Retry packet
  Bytes raw;                  // the whole packet
  std::size_t number_at = 0;  // where in `raw` the protected packet number starts; 0 when there is none
};

/// Reads a long header. The packet ends where its length field says. An unknown version is an error of field
/// `version`; Version Negotiation packets are told apart by their zero.
/// Sources: RFC 8999 section 5.1, RFC 9000 section 17.2, RFC 9369 section 3.2.
Result<QuicPacket> parse_quic_long_header(Bytes datagram);
inline bool has_quic_long_header(Bytes packet) { return !packet.empty() && (packet[0] & 0x80) != 0; }

/// The packet number of which the low `bytes` bytes are known, nearest to what is expected next.
/// Source: RFC 9000 appendix A.3.
std::uint64_t decode_packet_number(std::uint64_t expected, std::uint64_t truncated, unsigned bytes);

}  // namespace tattle
