#include "protocol/proxy/socks.h"

#include <algorithm>
#include <deque>

#include "base/byte_reader.h"
#include "protocol/buffer/held_stream.h"
#include "protocol/mux.h"
#include "protocol/raw/raw.h"
#include "protocol/text/text_protocols.h"

namespace tattle {
namespace {

constexpr std::size_t kMostHeldBytes = 1024;  // of one SOCKS message; the longest of all has 513
constexpr std::size_t kDeepest = 8;           // layers in each other

enum class Shape : std::uint8_t { more, no, whole };

// One message at the front of what came so far.
struct Part {
  Shape shape = Shape::more;
  std::size_t size = 0;
  std::string_view method;
  std::string host;  // of a request
  std::uint16_t port = 0;
  bool opens = false;  // what follows is the tunnel's
  int status = -1;
};

Part failed() {
  Part part;
  part.shape = Shape::no;
  return part;
}

Part found(std::size_t size, std::string_view method) {
  Part part;
  part.shape = Shape::whole;
  part.size = size;
  part.method = method;
  return part;
}

std::string_view command_name(int command) {
  return command == 1 ? "CONNECT" : command == 2 ? "BIND" : command == 3 ? "UDP-ASSOCIATE" : "";
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return result;
}

// VN 4, CD, port, address, user, NUL; in 4a an address of 0.0.0.x and the name, NUL.
Part request_v4(Bytes bytes) {
  Part part;
  if (bytes.size() < 9) return part;
  part.method = command_name(bytes[1]);
  if (bytes[0] != 4 || bytes[1] > 2 || part.method.empty()) return failed();
  const std::string_view rest = as_text(bytes.subspan(8));
  const std::size_t user = rest.find('\0');
  if (user == std::string_view::npos) return part;
  part.port = static_cast<std::uint16_t>(bytes[2] << 8 | bytes[3]);
  part.size = 8 + user + 1;
  if (bytes[4] == 0 && bytes[5] == 0 && bytes[6] == 0 && bytes[7] != 0) {
    const std::size_t name = rest.find('\0', user + 1);
    if (name == std::string_view::npos) return part;
    part.host = lower(rest.substr(user + 1, name - user - 1));
    part.size = 8 + name + 1;
  } else {
    part.host = to_string(Address::v4(bytes.subspan(4, 4)));
  }
  part.shape = Shape::whole;
  part.opens = true;
  return part;
}

// RFC 1928 section 4: VER, CMD, RSV, ATYP, address, port; replies (section 6) alike.
Part request_v5(Bytes bytes, bool reply) {
  Part part;
  ByteReader in(bytes);
  const int version = in.u8("version"), command = in.u8("command"), reserved = in.u8("reserved");
  const int type = in.u8("address.type");
  if (!in.error() && (version != 5 || reserved != 0 || (!reply && command_name(command).empty()))) return failed();
  if (type == 1) {
    const Bytes address = in.take(4, "address");
    if (!in.error()) part.host = to_string(Address::v4(address));
  } else if (type == 3) {
    part.host = lower(as_text(in.take(in.u8("address.length"), "address")));
  } else if (type == 4) {
    const Bytes address = in.take(16, "address");
    if (!in.error()) part.host = to_string(Address::v6(address));
  } else if (!in.error()) {
    return failed();
  }
  part.port = in.u16("port");
  if (in.error()) return {};
  part.shape = Shape::whole;
  part.size = in.offset();
  part.opens = true;
  part.method = reply ? std::string_view() : command_name(command);
  if (reply) part.status = command;
  return part;
}

Part client_part(Bytes bytes, bool greeted) {
  if (bytes.empty()) return {};
  if (bytes[0] == 4 && !greeted) return request_v4(bytes);
  if (bytes[0] == 5 && !greeted) {
    const std::size_t size = bytes.size() < 2 ? 2 : std::size_t{2} + bytes[1];
    return bytes.size() < size ? Part{} : found(size, "GREETING");
  }
  if (bytes[0] == 5) return request_v5(bytes, false);
  // RFC 1929 section 2: 1, user's length, user, password's length, password.
  ByteReader in(bytes);
  if (in.u8("version") != 1) return failed();
  in.skip(in.u8("user.length"), "user");
  in.skip(in.u8("password.length"), "password");
  return in.error() ? Part{} : found(in.offset(), "AUTH");
}

Part server_part(Bytes bytes, bool greeted) {
  if (bytes.empty()) return {};
  if (bytes[0] == 0) {
    if (bytes.size() < 8) return {};
    Part part = found(8, {});
    part.opens = true;
    part.status = bytes[1];
    return part;
  }
  const bool method = bytes[0] == 5 && !greeted, verdict = bytes[0] == 1;
  if (method || verdict) {
    Part part = found(2, {});
    if (bytes.size() < 2) part.shape = Shape::more;
    if (bytes.size() >= 2) part.status = bytes[1];
    return part;
  }
  return bytes[0] == 5 ? request_v5(bytes, true) : failed();
}

class Socks : public StreamParser {
 public:
  Socks(const FlowInfo& flow, const StreamContext& above, ParserContext& parser)
      : flow_(flow), above_(above), parser_(parser), inner_context_(above) {
    inner_context_.via = Via::tunnel;
    inner_context_.tunnel_host.clear();
    inner_context_.tunnel_port = 0;
  }

  void on_data(const Chunk& chunk) override {
    Side& side = sides_[index(chunk.direction)];
    if (side.open) return inside().on_data(chunk);
    if (side.held.empty()) {
      side.first = chunk.seen;
      side.offset = chunk.offset;
    }
    side.held.insert(side.held.end(), chunk.data.begin(), chunk.data.end());
    side.pieces.add(chunk.data.size(), chunk.packets);
    if (!side.waiting) return read(side, chunk);
    if (side.held.size() > parser_.limits->tls_waiting_bytes) give_rest(side, chunk, false);
  }
  void on_gap(const Chunk& where, std::uint64_t missing) override {
    Side& side = sides_[index(where.direction)];
    if (!side.open) give_rest(side, where, !side.waiting);
    inside().on_gap(where, missing);
  }
  void on_end(const Chunk& where) override {
    Side& side = sides_[index(where.direction)];
    if (!side.open && !side.held.empty()) give_rest(side, where, !side.waiting);
    if (side.open) inside().on_end(where);
  }
  const Mux* inner() const override { return mux_; }

 private:
  struct Side {
    ByteVector held;
    PieceMap pieces;
    Time first;
    std::uint64_t offset = 0;
    bool greeted = false, open = false;
    bool waiting = false;  // for the proxy's answer: who refuses reads what was sent meanwhile himself
  };

  void read(Side& side, const Chunk& chunk) {
    const bool client = chunk.direction == Direction::to_server;
    while (!side.open && !side.waiting && !side.held.empty()) {
      const Part part = client ? client_part(side.held, side.greeted) : server_part(side.held, side.greeted);
      if (part.shape == Shape::more && side.held.size() < kMostHeldBytes) return;
      if (part.shape != Shape::whole) return give_rest(side, chunk, true);
      emit(side, chunk, part);
      if (client && part.opens) {
        inner_context_.tunnel_host = part.host;
        inner_context_.tunnel_port = part.port;
        const bool colon = part.host.find(':') != std::string::npos;
        inner_context_.layers.push_back(
            {"socks", (colon ? "[" + part.host + "]" : part.host) + ":" + std::to_string(part.port)});
        method_ = part.method;
      }
      side.greeted = true;
      side.held.erase(side.held.begin(), side.held.begin() + static_cast<std::ptrdiff_t>(part.size));
      side.pieces.drop_front(part.size);
      side.offset += part.size;
      if (!part.opens) continue;
      if (client) {
        side.waiting = true;
      } else {
        settle(part, chunk);
      }
    }
  }

  // The proxy has answered: what its client sent meanwhile goes where it was meant, or to the proxy alone.
  void settle(const Part& reply, const Chunk& chunk) {
    constexpr int kGranted4 = 90, kSucceeded5 = 0;
    refused_ = reply.status != kSucceeded5 && reply.status != kGranted4;
    Side& client = sides_[index(opposite(chunk.direction))];
    if (client.waiting && !client.open) {
      const Chunk then{flow_, opposite(chunk.direction), client.offset, chunk.seen, chunk.packets, {}};
      give_rest(client, then, false);
    }
    give_rest(sides_[index(chunk.direction)], chunk, false);
  }

  // From here on it is the tunnel's.
  void give_rest(Side& side, const Chunk& chunk, bool surprise) {
    side.open = true;
    if (surprise) parser_.anomalies->note("socks.malformed", chunk.first_packet());
    if (side.held.empty()) return;
    PacketRuns packets;
    side.pieces.packets(0, side.held.size(), packets);
    const ByteVector rest = std::move(side.held);
    side.held.clear();
    side.pieces.clear();
    inside().on_data({flow_, chunk.direction, side.offset, chunk.seen, packets, rest});
  }

  void emit(const Side& side, const Chunk& chunk, const Part& part) {
    const bool client = chunk.direction == Direction::to_server;
    Message message;
    above_.apply(message, flow_, chunk.direction, client);
    message.protocol = "socks";
    message.layers.push_back({"socks", std::string(client ? part.method : std::string_view())});
    message.kind = client ? MessageKind::request : MessageKind::response;
    message.first = side.first;
    message.last = chunk.seen;
    message.method = part.method;
    // The proxy alone reads these; of what lies behind it learns the name.
    message.via = Via::proxy_connect;
    if (client) {
      message.exchange = above_.next_exchange();
      asked_.push_back(message.exchange);
    } else if (!asked_.empty()) {
      message.exchange = asked_.front();
      asked_.pop_front();
    }
    if (client && part.opens) {
      message.host = message.tunnel_host = part.host;
      message.host_port = part.port;
    }
    if (part.status >= 0) message.status = part.status;
    message.head = Bytes(side.held).first(part.size);
    PacketRuns runs;
    side.pieces.packets(0, part.size, runs);
    message.head_pieces.add(part.size, runs);
    parser_.sink->on_message(message);
    began_ = true;
  }

  StreamSink& inside() {
    // Nothing of it was SOCKS, or the proxy refused: the flow's own server has read it.
    if (!inner_ && (refused_ || !began_)) inner_ = std::make_unique<RawStream>(flow_, above_, parser_);
    if (!inner_) {
      // Behind greetings without a request more of them would be SOCKS in SOCKS without end.
      const bool unasked = method_.empty() && above_.via == Via::tunnel;
      // What a UDP association's stream carries is nobody's protocol (RFC 1928 section 7).
      if (unasked || inner_context_.layers.size() > kDeepest || method_ == "UDP-ASSOCIATE") {
        inner_ = std::make_unique<RawStream>(flow_, inner_context_, parser_);
      } else {
        auto mux = std::make_unique<Mux>(flow_, inner_context_, parser_);
        mux_ = mux.get();
        inner_ = std::move(mux);
      }
    }
    return *inner_;
  }

  const FlowInfo& flow_;
  const StreamContext& above_;
  ParserContext& parser_;
  StreamContext inner_context_;
  Side sides_[2];
  std::string_view method_;
  bool began_ = false;  // a message of it was read
  bool refused_ = false;
  std::deque<std::uint64_t> asked_;  // what waits for its answer: three at most
  std::unique_ptr<StreamSink> inner_;
  Mux* mux_ = nullptr;
};

// RFC 1928 section 3: at least one method, and each of those that IANA names.
bool is_greeting(Bytes bytes) {
  if (bytes.size() < 3 || bytes[0] != 5 || bytes[1] == 0 || bytes[1] > 10) return false;
  const std::size_t size = std::size_t{2} + bytes[1];
  if (bytes.size() < size) return false;
  for (const std::uint8_t method : bytes.subspan(2, bytes[1])) {
    if (method == 4 || (method > 9 && method < 0x80) || method == 0xff) return false;
  }
  return true;
}

}  // namespace

Sniff sniff_socks(const StreamStart& start) {
  const Bytes client = start.bytes[0], server = start.bytes[1];
  if (client.empty()) return server.empty() || server[0] == 5 || server[0] == 0 ? Sniff::maybe : Sniff::no;
  if (client[0] != 4 && client[0] != 5) return Sniff::no;
  const bool port = is_any_of(port_of(start), {1080, 9050, 9150});
  const bool five = client[0] == 5;
  const bool fits = five ? is_greeting(client) : request_v4(client).shape == Shape::whole;
  if (!fits) {
    const bool wrong = five ? client.size() >= 12 || (client.size() >= 2 && (client[1] == 0 || client[1] > 10))
                            : client.size() >= 2 && (client[1] == 0 || client[1] > 2);
    return wrong || !start.more[0] || client.size() > kMostHeldBytes ? Sniff::no : Sniff::maybe;
  }
  if (port) return Sniff::yes;
  // Elsewhere the server's answer must agree.
  if (server.size() < 2) {
    const bool may = server.empty() || server[0] == (five ? 5 : 0);
    return may && start.more[1] ? Sniff::maybe : Sniff::no;
  }
  if (!five) return server[0] == 0 && server[1] >= 0x5a && server[1] <= 0x5d ? Sniff::yes : Sniff::no;
  const Bytes methods = client.subspan(2, client[1]);
  const bool offered = std::find(methods.begin(), methods.end(), server[1]) != methods.end() || server[1] == 0xff;
  return server[0] == 5 && offered ? Sniff::yes : Sniff::no;
}

std::unique_ptr<StreamParser> make_socks(const FlowInfo& flow, const StreamContext& above, ParserContext& parser) {
  return std::make_unique<Socks>(flow, above, parser);
}

}  // namespace tattle
