#include "protocol/http1/http1.h"

#include <algorithm>
#include <utility>

#include "protocol/http1/state.h"

namespace tattle {

const Field* find_field(const std::vector<Field>& fields, std::string_view lower_name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& field) {
    return field.name.size() == lower_name.size() && has_token(field.name, lower_name);
  });
  return found == fields.end() ? nullptr : &*found;
}

// RFC 9110 section 10.1.1. A body that is a request itself could not be told from the next one.
static bool expects_continue(const Http1Message& message) {
  if (message.parsed.minor < 1) return false;
  const std::vector<Field> fields = message.parsed.views(message.head);
  const Field* expect = find_field(fields, "expect");
  if (expect == nullptr || !has_token(expect->value, "100-continue")) return false;
  const Field* type = find_field(fields, "content-type");
  return type == nullptr || (!has_token(type->value.substr(0, type->value.find(';')), "message/http") &&
                             !has_token(type->value.substr(0, type->value.find(';')), "application/http"));
}

BodyEnd Http1Connection::State::on_head(Direction direction, Http1Message& message, PacketId where, bool cut) {
  if (!requester) requester = message.parsed.request ? direction : opposite(direction);
  return message.parsed.request ? on_request(message, where, cut) : on_response(direction, message, where, cut);
}

BodyEnd Http1Connection::State::on_request(Http1Message& message, PacketId where, bool cut) {
  message.exchange = context.next_exchange();
  const std::string method(message.parsed.text(message.head, message.parsed.method));
  const std::string_view target = message.parsed.text(message.head, message.parsed.target);
  message.to = http1_request_target(method, target, message.parsed.views(message.head), *parser.anomalies, where);
  message.via = context.via;
  message.may_wait = expects_continue(message);
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

BodyEnd Http1Connection::State::on_response(Direction direction, Http1Message& message, PacketId where, bool cut) {
  if (pending.empty()) {
    // It answers something that was lost or that waits behind a loss, or nothing.
    if (message.parsed.status / 100 != 1) {
      ++ahead;
      last_ahead = message.first;
    }
  } else {
    const Http1Pending& request = pending.front();
    message.answered_method = request.method;
    if (request.certain) {
      message.exchange = request.exchange;
      message.to = request.to;
      message.via = request.via;
    }
    const bool final = message.parsed.status / 100 != 1 || message.parsed.status == 101;
    Http1Half& requests = half(opposite(direction));
    const bool waits = request.certain && requests.body_waits(request.exchange);
    if (waits && !final && message.parsed.status == 100) requests.ask_for_body();
    if (waits && message.parsed.status / 100 != 1 && !doubt) doubt = std::make_unique<ByteVector>();
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

bool Http1Connection::at_rest() const {
  const State& state = *state_;
  if (state.raw || state.offer || state.doubt || state.next || state.refused || !state.held.empty()) return false;
  return state.halves[0].at_rest() && state.halves[1].at_rest();
}

void Http1Connection::pass(StateArchive& archive) {
  State& state = *state_;
  for (Http1Half& half : state.halves) half.pass(archive);
  archive.flags(state.shifted, state.early, state.offers, state.had[0], state.had[1], state.over[0], state.over[1]);
  archive(state.requester, state.ahead, state.last_ahead);
  std::size_t waiting = state.pending.size();
  archive(waiting);
  if (archive.reads()) state.pending.resize(waiting);
  for (Http1Pending& each : state.pending) {
    archive(each.exchange, each.method, each.via, each.certain);
    archive(each.to.host, each.to.port, each.to.authority, each.to.absolute);
  }
}

bool Http1Connection::awaits_answers() const { return !state_->pending.empty(); }

std::string Http1Connection::inner_protocol() const {
  return state_->inner_mux ? state_->inner_mux->protocol() : std::string(state_->inner_name);
}
const Mux* Http1Connection::tunnel() const { return state_->inner_mux; }

}  // namespace tattle
