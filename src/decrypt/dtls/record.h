#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/byte_reader.h"
#include "base/bytes.h"
#include "decrypt/tls/handshake_reader.h"
#include "decrypt/tls/record_reader.h"

namespace tattle {

/// A record of DTLS 1.0 or 1.2 (RFC 6347 section 4.1).
struct DtlsRecord {
  RecordType type = RecordType::handshake;
  std::uint16_t version = 0;  // 0xfeff, 0xfefd
  std::uint16_t epoch = 0;
  std::uint64_t sequence = 0;  // 48 bits
  Bytes body;                  // lives as long as the datagram

  /// The 64 bits that nonces and MACs are made from.
  std::uint64_t number() const { return std::uint64_t{epoch} << 48 | sequence; }
};

inline constexpr std::size_t kDtlsRecordHeader = 13;

/// Takes one record off the front.
/// @error record.header, record.version, record.body  Cut, not of DTLS 1.0 or 1.2, or longer than the datagram.
Result<DtlsRecord> parse_dtls_record(ByteReader& in);

/// Whether a datagram begins with a whole record of DTLS 1.0 or 1.2.
bool looks_like_dtls(Bytes datagram);

/// The TLS version of which a DTLS version is the image (RFC 4347, RFC 6347); other numbers stay as they are.
std::uint16_t tls_image(std::uint16_t version);

/// A ClientHello as TLS would have it: without the cookie. Empty when it is cut (RFC 6347 section 4.2.1).
ByteVector without_cookie(Bytes client_hello);

/// Joins the fragments of one direction's handshake messages, by their numbers, and gives each message once.
class DtlsHandshakeReader {
 public:
  struct Message {
    HandshakeType type = HandshakeType::hello_request;
    ByteVector raw;  // with its 12-byte header as if it had come in one fragment, as the transcript has it
    Bytes body() const { return Bytes(raw).subspan(kHeader); }
  };

  /// Takes one record's content. A message that is whole now comes behind those before it.
  /// @param limit  Bytes of one message; and of those under way together.
  /// @return false when a fragment contradicts itself or what came before, or is over the limit.
  bool feed(Bytes content, std::uint64_t limit, std::vector<Message>& whole);

  /// A new epoch's handshake begins its numbers anew.
  void restart();

 private:
  static constexpr std::size_t kHeader = 12;
  struct Pending {
    ByteVector raw;
    std::vector<bool> have;  // of the body
    std::size_t missing = 0;
  };

  bool add(Bytes header, std::uint32_t length, std::uint32_t offset, Bytes fragment, std::uint64_t limit);

  std::map<std::uint16_t, Pending> pending_;  // by message number
  std::uint64_t held_ = 0;                    // bytes of those
  std::uint16_t next_ = 0;
  bool started_ = false;
};

}  // namespace tattle
