#include "protocol/imported_flow.h"

#include <algorithm>
#include <utility>

#include "protocol/datagram/datagram_parser.h"
#include "protocol/dns/dns.h"

namespace tattle {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return result;
}

struct Url {
  std::string scheme, authority, target;
};

// `scheme://authority/path?query`; the target of an empty path is `/` (RFC 9110 section 4.2.3).
Url take_apart(std::string_view url) {
  Url parts;
  const auto mark = url.find("://");
  if (mark == std::string_view::npos) return parts;
  parts.scheme = lower(url.substr(0, mark));
  const std::string_view rest = url.substr(mark + 3);
  const auto end = rest.find_first_of("/?#");
  std::string_view authority = rest.substr(0, end);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  parts.authority = authority;
  const std::string_view path = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  parts.target = path.starts_with('/') ? "" : "/";
  parts.target += path;
  // A WebSocket's handshake is HTTP (RFC 6455 section 4.1).
  if (parts.scheme == "wss") parts.scheme = "https";
  if (parts.scheme == "ws") parts.scheme = "http";
  return parts;
}

bool is_newer(std::string_view protocol) { return protocol == "http/2" || protocol == "http/3"; }

// HTTP/2 and 3: pseudo-fields first, names in lower case (RFC 9113 sections 8.2.1 and 8.3). Programs leave them out.
void write_head2(const ImportedMessage& imported, const Url& url, Http2Head& head) {
  const auto has = [&](std::string_view name) {
    return std::any_of(imported.fields.begin(), imported.fields.end(),
                       [&](const auto& field) { return lower(field.first) == name; });
  };
  const auto pseudo = [&](std::string_view name, std::string_view value) {
    if (!has(name) && !value.empty()) head.add(name, value, false);
  };
  if (imported.kind == ImportedMessage::Kind::response) {
    pseudo(":status", std::to_string(imported.status));
  } else {
    pseudo(":method", imported.method);
    pseudo(":scheme", url.scheme);
    if (!has("host")) pseudo(":authority", url.authority);
    pseudo(":path", imported.target.empty() ? url.target : imported.target);
  }
  for (const bool first : {true, false}) {
    for (const auto& [name, value] : imported.fields) {
      if ((name.front() == ':') == first) head.add(lower(name), value, false);
    }
  }
}

Protection protection_of(ImportedConnection::Security security) {
  switch (security) {
    case ImportedConnection::Security::tls:
      return Protection::tls;
    case ImportedConnection::Security::quic:
      return Protection::quic;
    case ImportedConnection::Security::clear:
      return Protection::clear;
    case ImportedConnection::Security::unknown:
      break;
  }
  return Protection::unknown;
}

}  // namespace

ImportedFlow::ImportedFlow(const FlowInfo& flow, ParserContext& context)
    : flow_(flow), outer_(context), inner_(context) {
  inner_.sink = this;
  context_.counters = &counters_;
  context_.protection = Protection::unknown;
  summary_.flow = flow;
  summary_.last = flow.start;
}

ImportedFlow::~ImportedFlow() = default;

void ImportedFlow::take_facts(const ImportedConnection& connection) {
  context_.protection = protection_of(connection.security);
  if (summary_.packets > 1) return;
  context_.layers.clear();
  if (connection.security == ImportedConnection::Security::tls) {
    context_.layers.push_back({"tls", connection.tls_version});
  } else if (connection.security == ImportedConnection::Security::quic) {
    context_.layers.push_back({"quic", ""});
  }
  context_.sni = lower(connection.sni);
  summary_.tls.sni = context_.sni;
}

void ImportedFlow::on_message(const ImportedMessage& imported) {
  ++summary_.packets;
  summary_.last = std::max(summary_.last, imported.last);
  summary_.missing_bytes += imported.missing_bytes;
  take_facts(*imported.connection);
  if (summary_.protocol.empty()) {
    for (const PathStep& layer : context_.layers) summary_.protocol += layer.step + '/';
    summary_.protocol += imported.protocol;
  }
  switch (imported.kind) {
    case ImportedMessage::Kind::request:
    case ImportedMessage::Kind::response:
      read_http(imported);
      break;
    case ImportedMessage::Kind::frame:
      read_frame(imported);
      break;
    case ImportedMessage::Kind::stream:
      read_stream(imported);
      break;
    case ImportedMessage::Kind::datagram:
    case ImportedMessage::Kind::dns:
      read_datagram(imported);
      break;
  }
  if (imported.last_of_entry) requests_.erase(imported.id.number);
}

Message ImportedFlow::start(const ImportedMessage& imported, MessageKind kind, std::string_view layer,
                            std::string detail) {
  Message message;
  context_.apply(message, flow_, imported.direction, imported.direction == Direction::to_server);
  message.protocol = imported.protocol;
  message.kind = kind;
  message.layers.push_back({std::string(layer), std::move(detail)});
  message.first = imported.first;
  message.last = imported.last;
  message.damaged = imported.incomplete;
  message.exchange = imported.id.number;
  message.content_decoded = imported.content_decoded;
  message.charset_decoded = imported.charset_decoded;
  // A copy that the program kept from before did not travel: shown when messages are listed, never searched.
  if (!imported.body_not_sent || flow_.device == DeviceSide::none) message.body = imported.body;
  return message;
}

void ImportedFlow::hand_down(const ImportedMessage& imported, Message& message) {
  const PacketRun entry{imported.id.capture, imported.id.number, imported.id.number};
  message.head_pieces.add(message.head.size(), {&entry, 1});
  message.body_pieces.add(message.body.size(), {&entry, 1});
  summary_.payload_bytes[index(imported.direction)] += imported.bytes();
  outer_.sink->on_message(message);
}

// HTTP/1: the start line and the fields as lines, read again by the parser of packets.
Http1Head ImportedFlow::read_head1(const ImportedMessage& imported, std::string_view target, ByteVector& head) const {
  std::string text;
  if (imported.kind == ImportedMessage::Kind::request) {
    text.append(imported.method).append(" ").append(target).append(" HTTP/1.1\r\n");
  } else {
    text.append("HTTP/1.1 ").append(std::to_string(imported.status)).append("\r\n");
  }
  for (const auto& [name, value] : imported.fields) {
    if (name.front() != ':') text.append(name).append(": ").append(value).append("\r\n");
  }
  head.assign(text.begin(), text.end());
  return parse_http1_head(head, *outer_.anomalies, imported.id);
}

void ImportedFlow::read_http(const ImportedMessage& imported) {
  const bool asks = imported.kind == ImportedMessage::Kind::request;
  Message message = start(imported, asks ? MessageKind::request : MessageKind::response, imported.protocol, "");
  const Url url = take_apart(imported.url);
  const std::string target = imported.target.empty() ? url.target : imported.target;
  ByteVector head1;
  Http2Head head2(std::max(outer_.limits->import_entry_bytes, outer_.limits->http_head_bytes));
  Request& request = requests_[imported.id.number];
  if (is_newer(imported.protocol)) {
    write_head2(imported, url, head2);
    message.head = as_bytes(head2.text());
    head2.fields(0, message.fields);
    if (asks) {
      const Http2Meaning meaning = read_http2_head(head2, 0);
      request = {imported.method, meaning.host, meaning.target, meaning.url, meaning.host_port};
    }
  } else {
    const Http1Head parsed = read_head1(imported, target, head1);
    message.head = head1;
    message.fields = parsed.views(head1);
    if (asks) {
      const bool named = message.field("host") != nullptr;
      const RequestTarget to = http1_request_target(imported.method, named ? target : imported.url, message.fields,
                                                    *outer_.anomalies, imported.id);
      request = {imported.method, to.host, target, "", to.port};
      if (!to.authority.empty() && !url.scheme.empty()) {
        request.url = url.scheme + "://" + to.authority + (target == "*" ? "" : target);
      }
    }
  }
  message.host = request.host;
  message.host_port = request.port;
  if (asks) {
    message.method = request.method;
    message.target = request.target;
    message.url = request.url;
    if (imported.method == "CONNECT") {
      message.via = Via::proxy_connect;
      message.tunnel_host = request.host;
    }
  } else {
    message.answered_method = request.method;
    if (imported.status > 0) message.status = imported.status;
  }
  hand_down(imported, message);
}

void ImportedFlow::read_frame(const ImportedMessage& imported) {
  Message message = start(imported, MessageKind::frame, "websocket", imported.method);
  message.method = imported.method;
  const auto opening = requests_.find(imported.id.number);
  if (opening != requests_.end()) {
    message.host = opening->second.host;
    message.host_port = opening->second.port;
    message.target = opening->second.target;
    message.url = opening->second.url;
  } else {
    split_authority(take_apart(imported.url).authority, message.host, message.host_port);
    message.exchange = 0;
  }
  hand_down(imported, message);
}

// The bytes as they stood on the wire: the parsers of packets read them.
void ImportedFlow::read_stream(const ImportedMessage& imported) {
  if (!stream_) stream_ = std::make_unique<Mux>(flow_, context_, inner_);
  std::uint64_t& offset = offsets_[index(imported.direction)];
  const PacketRun entry{imported.id.capture, imported.id.number, imported.id.number};
  stream_->on_data({flow_, imported.direction, offset, imported.last, {&entry, 1}, imported.body});
  offset += imported.body.size();
  summary_.payload_bytes[index(imported.direction)] += imported.body.size();
}

void ImportedFlow::read_datagram(const ImportedMessage& imported) {
  const PacketRun entry{imported.id.capture, imported.id.number, imported.id.number};
  if (imported.kind == ImportedMessage::Kind::dns) {
    summary_.payload_bytes[index(imported.direction)] += imported.body.size();
    return parse_dns_datagram({flow_, imported.direction, 0, imported.last, {&entry, 1}, imported.body}, queries_,
                              context_, inner_);
  }
  if (!datagrams_) datagrams_ = make_udp_parser(flow_, inner_);
  Segment segment;
  segment.packet = imported.id;
  segment.time = imported.last;
  segment.flow = flow_.id;
  segment.direction = imported.direction;
  segment.wire_payload = static_cast<std::uint32_t>(imported.body.size());
  segment.payload = imported.body;
  datagrams_->on_segment(segment);
}

// From the parsers of streams and datagrams. Who recorded the traffic stood in its middle: that a request names its
// host in full shows only that its client knew of that one.
void ImportedFlow::on_message(const Message& message) {
  Message adjusted = message;
  if (adjusted.via == Via::proxy_absolute) adjusted.via = Via::direct;
  if (adjusted.protection == Protection::clear) adjusted.protection = context_.protection;
  outer_.sink->on_message(adjusted);
}

FlowSummary ImportedFlow::finish() {
  if (stream_) {
    for (const Direction direction : {Direction::to_server, Direction::to_client}) {
      stream_->on_end({flow_, direction, offsets_[index(direction)], summary_.last, {}, {}});
    }
    const std::string inside = stream_->protocol();
    summary_.protocol.clear();
    for (const PathStep& layer : context_.layers) summary_.protocol += layer.step + '/';
    summary_.protocol += inside.empty() ? "unknown" : inside;
  }
  if (datagrams_) {
    const FlowSummary inside = datagrams_->finish();
    for (std::size_t i = 0; i < 2; ++i) summary_.payload_bytes[i] += inside.payload_bytes[i];
    counters_.raw_bytes += inside.raw_bytes;
    counters_.opaque_bytes += inside.opaque_bytes;
    summary_.protocol = inside.protocol;
    summary_.opaque_reason = inside.opaque_reason;
  }
  const std::uint64_t all = summary_.payload_bytes[0] + summary_.payload_bytes[1];
  summary_.opaque_bytes = std::min(counters_.opaque_bytes, all);
  summary_.raw_bytes = std::min(counters_.raw_bytes, all - summary_.opaque_bytes);
  summary_.parsed_bytes = all - summary_.opaque_bytes - summary_.raw_bytes;
  return summary_;
}

}  // namespace tattle
