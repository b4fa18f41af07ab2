#pragma once

#include <string_view>

#include "base/bytes.h"

namespace tattle {

/// One line of an NSS key log.
struct KeyLogLine {
  enum class Kind : std::uint8_t {
    empty,      // nothing, or a comment
    secret,     // label, client random, secret
    premaster,  // `RSA`: first 8 bytes of the encrypted premaster secret, premaster secret
    session,    // `RSA Session-ID:… Master-Key:…`
    exporter,   // known, not needed for reading records
    unknown,    // none of these
  } kind = Kind::unknown;
  std::string_view label;  // borrowed from the line
  ByteVector id;           // client random, encrypted premaster's first bytes, or session id
  ByteVector value;        // the secret
};

/// Reads one line, without its end; a carriage return there is ignored, and so are blanks around.
/// Source: draft-ietf-tls-keylogfile; NSS Key Log Format for `RSA`; Wireshark for `PMS_CLIENT_RANDOM` and sessions.
KeyLogLine parse_key_log_line(std::string_view line);

}  // namespace tattle
