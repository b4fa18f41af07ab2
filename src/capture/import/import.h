#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/bytes.h"
#include "base/flow.h"
#include "base/packet_ref.h"
#include "base/time.h"

namespace tattle {

/// What an import says of the connection that an entry came in. An unspecified address or port 0 is not known.
struct ImportedConnection {
  enum class Security : std::uint8_t { unknown, clear, tls, quic };

  std::string name;  // as the import tells connections apart; empty: the entry is a conversation of its own
  Endpoint client, server;
  Transport transport = Transport::tcp;
  // Of the client's side. Clear where the import says so: a URL of http or ws, a connection marked as without TLS.
  Security security = Security::unknown;
  std::string tls_version;  // `1.3`; or empty
  std::string sni;
};

/// One message of an import. Owns everything.
struct ImportedMessage {
  enum class Kind : std::uint8_t {
    request,   // of HTTP: method, url, fields, body
    response,  // of HTTP: status, fields, body
    frame,     // of a WebSocket: body; method is `text` or `binary`, url that of its handshake
    stream,    // the next bytes of a TCP stream: body; or of HTTP/1 as it stood on the wire
    datagram,  // one UDP datagram: body
    dns,       // one DNS message as on the wire: body
  };

  PacketId id;       // number: that of the entry in its file, from 1
  Time first, last;  // of its bytes, as recorded
  Time order;        // its turn among messages: `first`, but never before the message that it follows in its entry
  Kind kind = Kind::request;
  Direction direction = Direction::to_server;
  std::string_view protocol;  // `http/1.1`, `http/2`, `http/3`, `http` when the version is not told, `websocket`
  std::string method;
  std::string url;     // absolute, without fragment
  std::string target;  // as sent, where the import keeps it; else empty: the url has it
  int status = 0;      // 0: no status known
  std::vector<std::pair<std::string, std::string>> fields;
  ByteVector body;                  // transfer coding removed
  bool content_decoded = false;     // the content coding was removed too
  bool charset_decoded = false;     // text was turned into UTF-8
  bool incomplete = false;          // the import left a part of the body out
  std::uint64_t missing_bytes = 0;  // how much, when that is known
  bool not_sent = false;            // never went over the network: answered from a cache, blocked, made offline
  bool body_not_sent = false;       // the body did not, of a message that did: a copy kept from before
  bool last_of_entry = false;       // no further message of this entry follows
  std::shared_ptr<const ImportedConnection> connection;  // never null

  /// What it counts for in coverage: a frame comes with its handshake's url, which was counted there.
  std::size_t bytes() const {
    if (kind == Kind::frame) return body.size();
    std::size_t sum = method.size() + url.size() + body.size();
    for (const auto& [name, value] : fields) sum += name.size() + value.size() + 4;
    return sum;
  }
};

}  // namespace tattle
