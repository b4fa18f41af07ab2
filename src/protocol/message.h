#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/flow.h"
#include "base/packet_ref.h"
#include "base/time.h"

namespace tattle {

/// One step of a value's path, outermost first: {"gzip", ""}, {"json", "$.events[*].loc"}, {"http/2", "stream 5"}.
struct PathStep {
  std::string step;
  std::string detail;
  auto operator<=>(const PathStep&) const = default;
};

/// Which packets carried which bytes of a region.
class PieceMap {
 public:
  /// The next `size` bytes came in these packets.
  void add(std::size_t size, PacketRunsView packets);
  /// Packets of bytes [begin, end).
  void packets(std::size_t begin, std::size_t end, PacketRuns& out) const;
  std::size_t size() const { return pieces_.empty() ? 0 : pieces_.back().end; }
  void clear() { pieces_.clear(); }
  /// Calls use(begin, end, packets) for each range of bytes and the packets that carried it together.
  template <class Use>
  void for_each(Use use) const {
    std::size_t begin = 0;
    PacketRuns packets;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      add_packets(packets, pieces_[i].run);
      if (i + 1 < pieces_.size() && pieces_[i + 1].end == pieces_[i].end) continue;
      use(begin, pieces_[i].end, PacketRunsView(packets));
      begin = pieces_[i].end;
      packets.clear();
    }
  }
  /// Forgets the first `count` bytes; the rest moves to the front.
  void drop_front(std::size_t count);

 private:
  struct Piece {
    std::size_t end;
    PacketRun run;
  };
  std::vector<Piece> pieces_;
};

enum class MessageKind : std::uint8_t {
  request,
  response,
  query,
  publish,
  frame,
  data,
  connect,  // MQTT: what it asks and is told; `control` has no question: PINGREQ, DISCONNECT, AUTH
  subscribe,
  unsubscribe,
  acknowledge,
  control,
};
std::string_view to_string(MessageKind kind);

/// Under what protection the message travelled.
enum class Protection : std::uint8_t { clear, tls, quic, dtls, unknown };
std::string_view to_string(Protection protection);

/// A field of a message's head. Views into the head; names may be a protocol's own words, values what it decoded.
struct Field {
  std::string_view name;   // as received; HTTP/2 pseudo-fields keep their colon
  std::string_view value;  // without surrounding white space
  bool unknown = false;    // depends on a table entry that was lost: the name, the value or both are not known
  bool trailer = false;
};

/// How a request reaches its host, when not directly.
enum class Via : std::uint8_t {
  direct,
  proxy_absolute,  // absolute-form: the flow's server is a proxy that reads this message
  proxy_connect,   // this is the CONNECT itself: the proxy learns the name in it
  tunnel,          // inside a CONNECT tunnel: the flow's server is a proxy, the far end reads this message
};

/// How a message's body is to be looked at.
enum class BodyView : std::uint8_t {
  whole,  // opened as what it is declared or looks like
  text,   // a window of something larger: searched, and tokens in it are opened
  plain,  // searched as it is
};

/// One application-level unit. Everything is borrowed for the call that hands it down.
struct Message {
  const FlowInfo* flow = nullptr;
  Direction direction = Direction::to_server;
  Endpoint client, server;    // as the protocol shows them: the sender of requests is the client
  std::string_view protocol;  // `http/1.1`, `http/2`, `dns`, `tcp`, `udp`
  MessageKind kind = MessageKind::data;
  Protection protection = Protection::clear;
  Time first, last;              // of its packets
  std::vector<PathStep> layers;  // {"tls", "1.3"}, {"http/2", "stream 5"}; not the body's decoding

  std::string method;               // empty when it does not apply
  std::string host;                 // authority without its port, lower case; a DNS query's name; empty if unknown
  std::uint16_t host_port = 0;      // of the authority, 0 when absent
  std::string target;               // request target as sent: origin-form path and query, absolute URI, …
  std::string_view target_carries;  // its end that went down as a message of its own, to be looked into there alone
  std::string url;                  // effective request URI (RFC 9110 section 7.1) when known
  std::optional<int> status;
  std::string sni;               // of the TLS connection it came in
  std::string certificate_host;  // the one name in its server's certificate; empty: none, several or not seen
  Via via = Via::direct;
  std::string tunnel_host;  // name in the CONNECT, when via is tunnel or proxy_connect

  std::uint64_t exchange = 0;        // per flow: a response has its request's number; 0 when it answers nothing seen
  std::string_view answered_method;  // of the request that a response answers

  std::vector<Field> fields;  // in order
  Bytes head;                 // the bytes that fields and target are views into; HTTP/2: rebuilt as text
  PieceMap head_pieces;
  Bytes body;                     // transfer coding removed, content coding not
  std::string_view body_type;     // media type that the protocol itself gives the body; a literal, or empty
  std::string_view body_coding;   // likewise its content coding, where no field says so
  std::uint64_t split_bytes = 0;  // of a body that went down in frames before this message; not in `body`
  PieceMap body_pieces;
  std::uint64_t overlap = 0;       // first bytes of the body that the previous piece already held
  std::uint64_t body_offset = 0;   // of body[0] in the whole body or stream, when emitted in pieces
  bool last_piece = true;          // false: more of this body follows as further messages of the same exchange
  bool damaged = false;            // bytes of it were lost
  bool broadcast = false;          // it says itself that everybody on the link is spoken to
  bool content_decoded = false;    // whoever recorded it has taken the content coding off the body already
  bool charset_decoded = false;    // likewise the body's text was turned into UTF-8, whatever its media type says
  bool streamed = false;           // too large to be held whole: its pieces are for a BodyStream, one after the other
  const void* body_key = nullptr;  // the same for all pieces of one body, while they come
  BodyView view = BodyView::whole;

  struct NameAnswer {  // of a DNS response: name -> address
    std::string name;
    Address address;
  };
  std::vector<NameAnswer> name_answers;

  const Field* field(std::string_view lower_case_name) const;  // the first; nullptr when absent
};

/// A further piece of a body comes with the head of its message, which was handed down before: only trailers are new.
/// Leaves them in `head` and its pieces; `fields` stay.
void keep_trailers(Message& message);

class MessageSink {
 public:
  virtual ~MessageSink() = default;
  /// Messages of one flow come in the order in which they were completed.
  virtual void on_message(const Message& message) = 0;
};

}  // namespace tattle
