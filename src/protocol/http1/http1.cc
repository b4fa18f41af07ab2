#include "protocol/http1/http1.h"

#include <algorithm>
#include <array>
#include <list>
#include <optional>
#include <utility>

#include "protocol/buffer/held_stream.h"
#include "protocol/http1/half.h"
#include "protocol/http2/http2.h"
#include "protocol/mux.h"
#include "protocol/raw.h"
#include "protocol/websocket/websocket.h"

namespace tattle {
namespace {

constexpr std::size_t kDeepest = 8;  // layers of tunnels and upgrades in each other

// A request that waits for its response.
struct Pending {
  std::uint64_t exchange = 0;
  std::string method;
  RequestTarget to;
  Via via = Via::direct;
  bool certain = true;  // nothing was lost that would shift responses against requests
};

// Offers another protocol: kept until the response takes it up.
struct Offer {
  bool connect = false;
  std::uint64_t exchange = 0;
  Http1Message request;
};

const Field* find(const std::vector<Field>& fields, std::string_view lower_name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& field) {
    return field.name.size() == lower_name.size() && has_token(field.name, lower_name);
  });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace

struct Http1Connection::State : Http1HalfOwner {
  const FlowInfo& flow;
  const StreamContext& context;
  ParserContext& parser;
  std::array<Http1Half, 2> halves;
  std::unique_ptr<RawStream> raw;  // what is not HTTP; made when something is not
  std::optional<Direction> requester;
  std::list<Pending> pending;      // a deque takes half a kilobyte while it is empty
  bool shifted = false;            // a message may have been lost: which response answers which request is not known
  std::uint64_t ahead = 0;         // responses that came while their requests waited behind a loss
  std::optional<Time> last_ahead;  // when the last of them came

  std::unique_ptr<Offer> offer;  // the requester waits for its answer
  HeldStream held;               // what it sent since
  bool refused = false;          // the offer was turned down: read on as HTTP
  bool offers = true;            // false once too much had to wait for an answer
  bool had[2] = {false, false}, over[2] = {false, false};

  std::unique_ptr<StreamContext> inner_context;  // of `next`
  std::unique_ptr<StreamSink> next;              // reads both directions once there is one
  Mux* inner_mux = nullptr;                      // `next`, when it is a tunnel
  std::string_view inner_name;                   // of `next` otherwise

  State(const FlowInfo& f, const StreamContext& c, ParserContext& p, bool joined)
      : flow(f),
        context(c),
        parser(p),
        halves{Http1Half(Direction::to_server, *p.limits, *p.anomalies, *this, joined),
               Http1Half(Direction::to_client, *p.limits, *p.anomalies, *this, joined)} {}

  bool waiting(Direction direction) const { return offer && requester == direction; }
  Http1Half& half(Direction direction) { return halves[index(direction)]; }

  void feed(const Chunk& chunk, StreamSink& self);
  void after(StreamSink& self);
  void gap(const Chunk& where, std::uint64_t missing, StreamSink& self);
  void end(const Chunk& where, StreamSink& self);

  bool may_send(Direction direction, bool request) const override {
    return !requester || request == (*requester == direction);
  }
  BodyEnd on_head(Direction direction, Http1Message& message, PacketId where, bool cut) override;
  BodyEnd on_request(Http1Message& message, PacketId where, bool cut);
  BodyEnd on_response(Http1Message& message, PacketId where, bool cut);
  void on_body(Direction direction, Http1Message& read, BodyAssembler& body, bool last) override;
  void on_whole_body(Direction direction, Http1Message& read, Bytes body, PacketRunsView packets) override;
  bool on_complete(const Http1Message& message) override;
  std::unique_ptr<BodySplitter> split(Direction direction, const Http1Message& message) override {
    return make_body_splitter(to_message(direction, message), parser);
  }
  void on_raw(const Chunk& chunk) override {
    if (!raw) raw = std::make_unique<RawStream>(flow, context, parser);
    raw->on_data(chunk);
  }

  Message to_message(Direction direction, const Http1Message& read) const;
  std::string url(const Http1Message& read) const;
  void open_tunnel();
  void upgrade(const Http1Message& response);
  std::unique_ptr<StreamSink> open_websocket(const std::vector<Field>& answer);
  void refuse();
};

void Http1Connection::State::feed(const Chunk& chunk, StreamSink& self) {
  had[index(chunk.direction)] = true;
  std::size_t used = 0;
  while (used < chunk.data.size()) {
    const Chunk rest = slice(chunk, used);
    if (next) return next->on_data(rest);
    if (waiting(chunk.direction)) {
      held.add(rest);
      if (held.bytes() > parser.limits->tls_waiting_bytes) {
        parser.anomalies->note("http1.pending-limit", chunk.first_packet());
        offers = false;
        refuse();
        after(self);
      }
      return;
    }
    used += half(chunk.direction).on_data(rest);
    after(self);
  }
}

// Reads what waited for an answer that turned the offer down.
void Http1Connection::State::after(StreamSink& self) {
  if (!refused) return;
  refused = false;
  held.replay(flow, self);
}

void Http1Connection::State::refuse() {
  offer.reset();
  refused = true;
}

void Http1Connection::State::gap(const Chunk& where, std::uint64_t missing, StreamSink& self) {
  had[index(where.direction)] = true;
  if (next) return next->on_gap(where, missing);
  if (waiting(where.direction)) return held.add_gap(where, missing);
  Http1Half& mine = half(where.direction);
  mine.on_gap(where, missing);
  if (raw) raw->on_gap(where, missing);
  if (mine.lost()) {
    // Requests and responses may have shifted against each other, for good: that counts agree again later proves
    // nothing, since others may be missing on the other side. Requests that wait are answered in order all the same,
    // unless it is a response that is lost.
    shifted = true;
    if (requester != where.direction) {
      for (Pending& each : pending) each.certain = false;
    }
  }
  after(self);
}

void Http1Connection::State::end(const Chunk& where, StreamSink& self) {
  const Direction direction = where.direction;
  const bool other_silent = !had[index(opposite(direction))] || over[index(opposite(direction))];
  over[index(direction)] = true;
  if (next) return next->on_end(where);
  if (waiting(direction) && !other_silent) return held.add_end(where);
  if (!waiting(direction)) {
    half(direction).on_end(where);
    if (raw) raw->on_end(where);
    if (next) return next->on_end(where);
  }
  if (offer) {
    // No answer will be seen. Who goes on after a CONNECT has his tunnel; else it is HTTP that goes on.
    const bool held_end = waiting(direction);
    if (held_end) held.add_end(where);
    if (offer->connect && held.bytes() > 0) {
      open_tunnel();
      if (!held_end) next->on_end(where);
    } else {
      refuse();
    }
  }
  after(self);
}

BodyEnd Http1Connection::State::on_head(Direction direction, Http1Message& message, PacketId where, bool cut) {
  if (!requester) requester = message.parsed.request ? direction : opposite(direction);
  return message.parsed.request ? on_request(message, where, cut) : on_response(message, where, cut);
}

BodyEnd Http1Connection::State::on_request(Http1Message& message, PacketId where, bool cut) {
  message.exchange = context.next_exchange();
  const std::string method(message.parsed.text(message.head, message.parsed.method));
  const std::string_view target = message.parsed.text(message.head, message.parsed.target);
  message.to = http1_request_target(method, target, message.parsed.views(message.head), *parser.anomalies, where);
  message.via = context.via;
  if (method == "CONNECT") {
    message.via = Via::proxy_connect;
  } else if (message.to.absolute && context.via == Via::direct && message.to.host != context.sni) {
    // A server that TLS names by the very host is no proxy (RFC 9112 section 3.2.2 lets anyone send this form).
    message.via = Via::proxy_absolute;
  }
  if (pending.size() >= parser.limits->http_pending_requests) {
    parser.anomalies->note("http1.pending-limit", where);
    pending.pop_front();
    shifted = true;
  }
  if (last_ahead && message.first <= *last_ahead) {
    // Sent before a response that found no request, and read only now: that is what it answered. Of more requests than
    // such responses it is not known which were answered.
    if (ahead > 0) {
      --ahead;
      return cut ? BodyEnd{BodyKind::unknown, 0}
                 : http1_body_end(message.parsed, message.head, {}, *parser.anomalies, where);
    }
    shifted = true;
  }
  ahead = 0;
  const bool certain = !shifted && (pending.empty() || pending.back().certain);
  pending.push_back({message.exchange, method, message.to, message.via, certain});
  if (cut) return {BodyKind::unknown, 0};
  return http1_body_end(message.parsed, message.head, {}, *parser.anomalies, where);
}

BodyEnd Http1Connection::State::on_response(Http1Message& message, PacketId where, bool cut) {
  if (pending.empty()) {
    // It answers something that was lost or that waits behind a loss, or nothing.
    if (message.parsed.status / 100 != 1) {
      ++ahead;
      last_ahead = message.first;
    }
  } else {
    const Pending& request = pending.front();
    message.answered_method = request.method;
    if (request.certain) {
      message.exchange = request.exchange;
      message.to = request.to;
      message.via = request.via;
    }
    const bool final = message.parsed.status / 100 != 1 || message.parsed.status == 101;
    if (final) pending.pop_front();
  }
  if (cut) return {BodyKind::unknown, 0};
  return http1_body_end(message.parsed, message.head, message.answered_method, *parser.anomalies, where);
}

std::string Http1Connection::State::url(const Http1Message& read) const {
  const std::string_view target = read.parsed.text(read.head, read.parsed.target);
  if (read.to.absolute) return std::string(target);
  if (read.to.authority.empty() || read.via == Via::proxy_connect) return {};
  std::string url = context.protection == Protection::tls ? "https://" : "http://";
  url += read.to.authority;
  if (target != "*") url += target;
  return url;
}

Message Http1Connection::State::to_message(Direction direction, const Http1Message& read) const {
  Message message;
  context.apply(message, flow, direction, read.parsed.request);
  message.protocol = "http/1.1";
  message.kind = read.parsed.request ? MessageKind::request : MessageKind::response;
  message.first = read.first;
  message.last = read.last;
  message.layers.push_back({"http/1.1", ""});
  message.host = read.to.host;
  message.host_port = read.to.port;
  message.via = read.parsed.request || read.exchange != 0 ? read.via : context.via;
  if (message.via == Via::proxy_connect) message.tunnel_host = read.to.host;
  message.exchange = read.exchange;
  message.damaged = read.damaged;
  message.split_bytes = read.split_bytes;
  message.fields = read.parsed.views(read.head);
  message.head = read.head;
  if (read.parsed.request) {
    message.method = read.parsed.text(read.head, read.parsed.method);
    message.target = read.parsed.text(read.head, read.parsed.target);
    message.url = url(read);
  } else {
    message.status = read.parsed.status;
    message.answered_method = read.answered_method;
  }
  return message;
}

void Http1Connection::State::on_body(Direction direction, Http1Message& read, BodyAssembler& body, bool last) {
  Message message = to_message(direction, read);
  body.lend(message, last);
  message.head_pieces = read.head_pieces;
  if (message.body_offset > 0) keep_trailers(message);
  parser.sink->on_message(message);
  body.give_back(message);
}

void Http1Connection::State::on_whole_body(Direction direction, Http1Message& read, Bytes body,
                                           PacketRunsView packets) {
  Message message = to_message(direction, read);
  std::swap(message.head_pieces, read.head_pieces);
  message.body = body;
  message.body_pieces.add(body.size(), packets);
  parser.sink->on_message(message);
  std::swap(message.head_pieces, read.head_pieces);
}

bool Http1Connection::State::on_complete(const Http1Message& message) {
  const Http1Head& head = message.parsed;
  if (head.request) {
    if (message.damaged) return false;
    const std::vector<Field> fields = head.views(message.head);
    const bool connect = head.text(message.head, head.method) == "CONNECT";
    if (!offers || (!connect && find(fields, "upgrade") == nullptr)) return false;
    offer = std::make_unique<Offer>(Offer{connect, message.exchange, message});
    return true;
  }
  if (head.status == 101) {
    upgrade(message);
  } else if (message.answered_method == "CONNECT" && head.status / 100 == 2 && offer && offer->connect) {
    open_tunnel();
  } else if (offer && head.status / 100 != 1 && pending.empty()) {
    refuse();
  }
  return next != nullptr || refused;
}

void Http1Connection::State::open_tunnel() {
  const RequestTarget to = offer->request.to;
  offer.reset();
  inner_context = std::make_unique<StreamContext>(context);
  inner_context->via = Via::tunnel;
  inner_context->tunnel_host = to.host;
  inner_context->tunnel_port = to.port;
  inner_context->layers.push_back({"connect", to.authority});
  if (inner_context->layers.size() > kDeepest) {
    next = std::make_unique<RawStream>(flow, *inner_context, parser);
  } else {
    auto mux = std::make_unique<Mux>(flow, *inner_context, parser);
    inner_mux = mux.get();
    next = std::move(mux);
  }
  held.replay(flow, *next);
}

void Http1Connection::State::upgrade(const Http1Message& response) {
  const std::vector<Field> fields = response.parsed.views(response.head);
  const Field* token = find(fields, "upgrade");
  inner_context = std::make_unique<StreamContext>(context);
  if (offer && !offer->connect && token && has_token(token->value, "h2c")) {
    auto http2 = std::make_unique<Http2Connection>(flow, *inner_context, parser);
    const Message request = to_message(*requester, offer->request);
    const Field* settings = request.field("http2-settings");
    http2->start_upgraded(request, settings ? settings->value : std::string_view{});
    inner_name = "http/2";
    next = std::move(http2);
  } else if (requester && token && has_token(token->value, "websocket")) {
    inner_name = "websocket";
    next = open_websocket(fields);
  } else {
    inner_context->layers.push_back({"upgrade", token ? std::string(token->value) : std::string()});
    next = std::make_unique<RawStream>(flow, *inner_context, parser);
  }
  offer.reset();
  held.replay(flow, *next);
}

// RFC 6455 section 4.2.2. Without the request, which may be lost, it is not known for whom the connection is.
std::unique_ptr<StreamSink> Http1Connection::State::open_websocket(const std::vector<Field>& answer) {
  WebSocketOpening opening;
  opening.client = *requester;
  if (offer) {
    const Message request = to_message(*requester, offer->request);
    opening.host = request.host;
    opening.host_port = request.host_port;
    opening.target = request.target;
    opening.url = request.url;
    opening.exchange = request.exchange;
  }
  opening.extensions = joined_values(answer, "sec-websocket-extensions");
  opening.subprotocol = joined_values(answer, "sec-websocket-protocol");
  return std::make_unique<WebSocketConnection>(flow, *inner_context, parser, std::move(opening));
}

Http1Connection::Http1Connection(const FlowInfo& flow, const StreamContext& context, ParserContext& parser, bool joined)
    : state_(std::make_unique<State>(flow, context, parser, joined)) {}
Http1Connection::~Http1Connection() = default;
void Http1Connection::on_data(const Chunk& chunk) { state_->feed(chunk, *this); }
void Http1Connection::on_gap(const Chunk& where, std::uint64_t missing) { state_->gap(where, missing, *this); }
void Http1Connection::on_end(const Chunk& where) { state_->end(where, *this); }

void Http1Connection::on_idle() {
  for (Http1Half& half : state_->halves) half.on_idle();
  if (state_->held.empty()) state_->held = {};
  if (state_->inner_mux) state_->inner_mux->on_idle();
}

std::string Http1Connection::inner_protocol() const {
  return state_->inner_mux ? state_->inner_mux->protocol() : std::string(state_->inner_name);
}
const Mux* Http1Connection::tunnel() const { return state_->inner_mux; }

}  // namespace tattle
