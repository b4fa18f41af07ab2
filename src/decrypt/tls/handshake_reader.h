#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace tattle {

/// RFC 8446 section 4 and RFC 5246 section 7.4.
enum class HandshakeType : std::uint8_t {
  hello_request = 0,
  client_hello = 1,
  server_hello = 2,
  new_session_ticket = 4,
  end_of_early_data = 5,
  encrypted_extensions = 8,
  certificate = 11,
  server_key_exchange = 12,
  certificate_request = 13,
  server_hello_done = 14,
  certificate_verify = 15,
  client_key_exchange = 16,
  finished = 20,
  certificate_url = 21,
  certificate_status = 22,
  supplemental_data = 23,
  key_update = 24,
};

struct HandshakeMessage {
  HandshakeType type = HandshakeType::hello_request;
  Bytes body;  // lives until the reader is fed again
  Bytes raw;   // with its 4-byte header
};

/// Joins the handshake messages of one direction, however they are cut into records.
class HandshakeReader {
 public:
  /// Gives one record's content; call next() until it says no.
  void feed(Bytes content);
  bool next(HandshakeMessage& message, std::uint64_t limit);
  /// Bytes were lost, or keys changed: forgets what is incomplete.
  void clear();
  /// A message longer than the limit was met since the last call.
  bool take_overflow();
  /// Whether a message is known in part.
  bool in_message() const { return !pending_.empty(); }

 private:
  ByteVector pending_;
  Bytes view_;
  bool overflow_ = false;
};

/// Whether these bytes may start a handshake message in clear.
bool plausible_handshake(Bytes content);

}  // namespace tattle
