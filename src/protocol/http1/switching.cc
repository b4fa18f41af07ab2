// Who reads an HTTP/1 connection's bytes: HTTP, what a CONNECT or an upgrade opened, or for a while nobody.

#include <utility>

#include "protocol/http1/lines.h"
#include "protocol/http1/state.h"
#include "protocol/http2/http2.h"
#include "protocol/websocket/websocket.h"

namespace tattle {
namespace {

constexpr std::size_t kDeepest = 8;  // layers of tunnels and upgrades in each other

}  // namespace

void Http1Connection::State::feed(const Chunk& chunk, StreamSink& self) {
  had[index(chunk.direction)] = true;
  std::size_t used = 0;
  while (used < chunk.data.size()) {
    const Chunk rest = slice(chunk, used);
    if (next) return next->on_data(rest);
    if (early && requester == chunk.direction) return on_raw(rest);
    if (waiting(chunk.direction)) {
      held.add(rest);
      if (doubt) {
        doubt->insert(doubt->end(), rest.data.begin(), rest.data.end());
        settle_doubt(rest, true);
        if (!doubt) held.replay(flow, self);
      } else if (held.bytes() > parser.limits->tls_waiting_bytes) {
        parser.anomalies->note("http1.pending-limit", chunk.first_packet());
        offers = false;
        // Who is never heard has let it through, else so much would not follow.
        if (offer->connect && !had[index(opposite(chunk.direction))]) return open_tunnel();
        refuse_tunnel();
        refuse();
        after(self);
      }
      return;
    }
    used += half(chunk.direction).on_data(rest);
    note_held(half(chunk.direction).held_bytes());
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

// The client sent more behind a CONNECT that came to nothing. It was meant for the far end, whose name may stand in it,
// and only the proxy has it. Another CONNECT is for the proxy itself.
void Http1Connection::State::refuse_tunnel() {
  if (!offer->connect || held.bytes() == 0 || held.begins_with("CONNECT ")) return;
  parser.anomalies->note("http1.refused-bytes", held.first_packet());
  early = shifted = true;
}

// What stands at the place of the body, once that can be told. `more`: further bytes may follow right behind.
void Http1Connection::State::settle_doubt(const Chunk& where, bool more) {
  const Sniff next_request = sniff_next_request(*doubt);
  const bool room = doubt->size() <= parser.limits->http_head_bytes;
  if (next_request == Sniff::maybe && more && room) return;
  const bool unsent = doubt->empty() || next_request == Sniff::yes;
  doubt.reset();
  if (unsent) half(where.direction).leave_out_body(where.first_packet());
}

void Http1Connection::State::gap(const Chunk& where, std::uint64_t missing, StreamSink& self) {
  had[index(where.direction)] = true;
  if (next) return next->on_gap(where, missing);
  if (doubt && waiting(where.direction)) {
    settle_doubt(where, false);
    held.replay(flow, self);
    return self.on_gap(where, missing);
  }
  if (waiting(where.direction)) return held.add_gap(where, missing);
  Http1Half& mine = half(where.direction);
  mine.on_gap(where, missing);
  if (raw) raw->on_gap(where, missing);
  if (mine.lost()) lose_count(where.direction);
  after(self);
}

// Requests and responses may have shifted against each other, for good: that counts agree again later proves nothing,
// since others may be missing on the other side. Requests that wait are answered in order all the same, unless it is a
// response that is lost.
void Http1Connection::State::lose_count(Direction direction) {
  shifted = true;
  if (requester == direction) return;
  for (Http1Pending& each : pending) each.certain = false;
}

void Http1Connection::State::end(const Chunk& where, StreamSink& self) {
  const Direction direction = where.direction;
  const bool other_silent = !had[index(opposite(direction))] || over[index(opposite(direction))];
  over[index(direction)] = true;
  if (next) return next->on_end(where);
  if (doubt && waiting(direction)) {
    settle_doubt(where, false);
    held.replay(flow, self);
    return self.on_end(where);
  }
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

bool Http1Connection::State::on_complete(const Http1Message& message) {
  const Http1Head& head = message.parsed;
  if (head.request) {
    if (message.damaged || message.body_unsent) return false;
    const std::vector<Field> fields = head.views(message.head);
    const bool connect = head.text(message.head, head.method) == "CONNECT";
    if (!offers || (!connect && find_field(fields, "upgrade") == nullptr)) return false;
    offer = std::make_unique<Http1Offer>(Http1Offer{connect, message.exchange, message});
    return true;
  }
  if (head.status == 101) {
    upgrade(message);
  } else if (message.answered_method == "CONNECT" && head.status / 100 == 2 && offer && offer->connect) {
    open_tunnel();
  } else if (offer && head.status / 100 != 1 && pending.empty()) {
    refuse_tunnel();
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
  const Field* token = find_field(fields, "upgrade");
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

}  // namespace tattle
