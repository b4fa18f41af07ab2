#include "capture/import/mitm.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "capture/import/dns.h"
#include "capture/import/text.h"
#include "capture/import/tnetstring.h"

namespace tattle {
namespace {

using Connection = ImportedConnection;

/// The first of several names that a dictionary knows: members were renamed from version to version.
Tnet any_of(const Tnet& parent, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    const Tnet found = parent[name];
    if (!found.is_null()) return found;
  }
  return {};
}

/// `[host, port, …]`, in old files inside a dictionary.
Tnet pair_of(const Tnet& said) { return said.type() == Tnet::Type::dictionary ? said["address"] : said; }

std::uint16_t port_of(const Tnet& pair) {
  const double port = pair.at(1).number();
  return port > 0 && port < 65536 ? static_cast<std::uint16_t>(port) : 0;
}

Endpoint endpoint_of(const Tnet& said) {
  const Tnet pair = pair_of(said);
  std::string_view host = pair.at(0).text();
  if (const auto zone = host.find('%'); zone != std::string_view::npos) host = host.substr(0, zone);
  return {Address::parse(host).value_or(Address{}), port_of(pair)};
}

std::optional<Time> time_of(const Tnet& parent, std::string_view name) {
  const Tnet value = parent[name];
  return value.is_null() ? std::nullopt : time_of_seconds(value.number());
}

class MitmFlow {
 public:
  MitmFlow(const Tnet& flow, PacketId id, Anomalies& anomalies, std::vector<ImportedMessage>& messages)
      : flow_(flow),
        client_(flow["client_conn"]),
        server_(flow["server_conn"]),
        id_(id),
        anomalies_(anomalies),
        messages_(messages) {}

  bool read();

 private:
  std::shared_ptr<Connection> connection() const;
  bool reached_server() const;
  Time created() const;
  ImportedMessage start(ImportedMessage::Kind kind, bool from_client, std::optional<Time> first,
                        std::optional<Time> last);
  void read_body(const Tnet& source, ImportedMessage& message);
  static void read_fields(const Tnet& source, ImportedMessage& message);
  bool read_http();
  void read_frames(const Tnet& frames, std::string_view url, bool not_sent);
  bool read_bytes(ImportedMessage::Kind kind);
  bool read_dns();

  const Tnet flow_, client_, server_;
  const PacketId id_;
  Anomalies& anomalies_;
  std::vector<ImportedMessage>& messages_;
  std::shared_ptr<const Connection> connection_;
};

std::shared_ptr<Connection> MitmFlow::connection() const {
  auto connection = std::make_shared<Connection>();
  const Tnet client_pair = any_of(client_, {"peername", "address"});
  connection->client = endpoint_of(client_pair);
  // Behind a further proxy the other end of the connection is that one, not the server.
  if (any_of(server_, {"via", "via2"}).is_null()) {
    connection->server = endpoint_of(any_of(server_, {"peername", "ip_address", "peer_address"}));
    if (connection->server.address.is_unspecified()) connection->server = endpoint_of(server_["address"]);
  }
  if (connection->server.port == 0) connection->server.port = port_of(pair_of(server_["address"]));
  const std::string_view version = client_["tls_version"].text();
  if (version.starts_with("QUIC") ||
      (client_["transport_protocol"].text() == "udp" && !version.empty() && flow_["type"].text() == "http")) {
    connection->security = Connection::Security::quic;
    connection->transport = Transport::udp;
  } else if (any_of(client_, {"tls", "tls_established", "ssl_established"}).truth()) {
    connection->security = Connection::Security::tls;
    if (version.starts_with("TLSv")) connection->tls_version = version.substr(4);
    if (connection->tls_version == "1") connection->tls_version = "1.0";
  } else if (!any_of(client_, {"tls", "tls_established", "ssl_established"}).is_null()) {
    connection->security = Connection::Security::clear;
  }
  if (connection->security != Connection::Security::clear) connection->sni = client_["sni"].text();
  const std::string_view client_id = client_["id"].text(), server_id = server_["id"].text();
  const Tnet server_pair = pair_of(server_["address"]);
  if (!client_id.empty()) {
    connection->name = fmt::format("{} {}", client_id, server_id);
  } else if (connection->client.port != 0) {
    connection->name =
        fmt::format("{} {} {} {}:{}", to_string(connection->client.address), connection->client.port,
                    as_text(client_["timestamp_start"].data()), server_pair.at(0).text(), port_of(server_pair));
  }
  return connection;
}

// Whether a connection to the server came about. Without one nobody received anything.
bool MitmFlow::reached_server() const {
  return !any_of(server_, {"peername", "ip_address", "peer_address", "timestamp_start", "timestamp_tcp_setup"})
              .is_null();
}

Time MitmFlow::created() const {
  if (const auto time = time_of(flow_, "timestamp_created")) return *time;
  return time_of(client_, "timestamp_start").value_or(Time{});
}

ImportedMessage MitmFlow::start(ImportedMessage::Kind kind, bool from_client, std::optional<Time> first,
                                std::optional<Time> last) {
  ImportedMessage message;
  message.id = id_;
  message.kind = kind;
  message.direction = from_client ? Direction::to_server : Direction::to_client;
  message.first = first ? *first : messages_.empty() || messages_.back().id != id_ ? created() : messages_.back().last;
  if (message.first == Time{}) anomalies_.note("import.no-time", id_);
  message.last = std::max(message.first, last.value_or(message.first));
  message.connection = connection_;
  return message;
}

// Kept as they were sent: the content coding is still on them.
void MitmFlow::read_body(const Tnet& source, ImportedMessage& message) {
  const Tnet body = any_of(source, {"content", "body"});
  if (body.is_null()) {
    message.incomplete = true;
    anomalies_.note("import.body-missing", id_);
    return;
  }
  const Bytes bytes = as_bytes(body.text());
  message.body.assign(bytes.begin(), bytes.end());
}

void MitmFlow::read_fields(const Tnet& source, ImportedMessage& message) {
  const auto add = [&](const Tnet& field) {
    const std::string_view name = field.at(0).text();
    if (!name.empty()) message.fields.emplace_back(name, field.at(1).text());
  };
  source["headers"].elements(add);
  source["trailers"].elements(add);
}

std::string_view version_of(const Tnet& message) {
  const std::string_view said = message["http_version"].text();
  if (!said.empty()) return http_protocol(said);
  // Up to version 0.13: a list of two numbers.
  return message["httpversion"].at(0).number() >= 2 ? "http/2" : "http/1.1";
}

bool MitmFlow::read_http() {
  const Tnet request = flow_["request"], response = flow_["response"];
  if (request.type() != Tnet::Type::dictionary) return false;
  const std::string_view method = request["method"].text();
  if (method.empty()) return false;
  ImportedMessage sent = start(ImportedMessage::Kind::request, true, time_of(request, "timestamp_start"),
                               time_of(request, "timestamp_end"));
  sent.protocol = version_of(request);
  sent.method = method;
  const std::string_view scheme = request["scheme"].text(), host = request["host"].text();
  const double port = request["port"].number();
  const bool usual = (scheme == "https" && port == 443) || (scheme == "http" && port == 80) || !(port > 0);
  const bool v6 = host.find(':') != std::string_view::npos;
  sent.url = fmt::format("{}://{}{}{}", scheme.empty() ? "http" : scheme, v6 ? "[" : "", host, v6 ? "]" : "");
  if (!usual) sent.url += fmt::format(":{}", static_cast<int>(std::min(port, 65535.0)));
  const std::string_view path = request["path"].text();
  if (path.starts_with('/')) sent.url += path;
  if (path == "*") sent.target = path;
  const std::string_view authority = request["authority"].text();
  if (!authority.empty() && sent.protocol != "http/1.1") sent.fields.emplace_back(":authority", authority);
  read_fields(request, sent);
  read_body(request, sent);
  // What the tester replayed or made up, the phone did not send.
  const bool replayed = flow_["is_replay"].text() == "request" || request["is_replay"].truth();
  const bool tunnel = method == "CONNECT";  // to mitmproxy itself
  sent.not_sent = replayed || tunnel || !reached_server();
  if (sent.not_sent) anomalies_.note("import.not-sent", id_);
  const bool not_sent = sent.not_sent;
  const std::string url = sent.url;
  messages_.push_back(std::move(sent));
  const double code = any_of(response, {"status_code", "code"}).number();
  if (code > 0 && code < 1000) {
    ImportedMessage got = start(ImportedMessage::Kind::response, false, time_of(response, "timestamp_start"),
                                time_of(response, "timestamp_end"));
    got.protocol = version_of(response);
    got.status = static_cast<int>(code);
    read_fields(response, got);
    read_body(response, got);
    got.not_sent = not_sent || flow_["is_replay"].text() == "response" || response["is_replay"].truth();
    messages_.push_back(std::move(got));
  }
  read_frames(flow_["websocket"]["messages"], url, not_sent);
  return true;
}

// Each `[opcode, from_client, content, time, dropped, injected]`; the last two came later.
void MitmFlow::read_frames(const Tnet& frames, std::string_view url, bool not_sent) {
  frames.elements([&](const Tnet& frame) {
    const Tnet content = frame.at(2);
    ImportedMessage message =
        start(ImportedMessage::Kind::frame, frame.at(1).truth(), time_of_seconds(frame.at(3).number()), std::nullopt);
    message.protocol = "websocket";
    message.url = url;
    message.method = frame.at(0).number() == 1 ? "text" : "binary";
    message.content_decoded = true;
    message.charset_decoded = frame.at(0).number() == 1;
    const Bytes bytes = as_bytes(content.text());
    message.body.assign(bytes.begin(), bytes.end());
    message.not_sent = not_sent || frame.at(4).truth() || frame.at(5).truth();
    if (message.not_sent) anomalies_.note("import.not-sent", id_);
    messages_.push_back(std::move(message));
  });
}

// TCP and UDP flows: each `[from_client, content, time]`.
bool MitmFlow::read_bytes(ImportedMessage::Kind kind) {
  return flow_["messages"].elements([&](const Tnet& each) {
    ImportedMessage message = start(kind, each.at(0).truth(), time_of_seconds(each.at(2).number()), std::nullopt);
    message.protocol = kind == ImportedMessage::Kind::stream ? "tcp" : "udp";
    message.not_sent = !reached_server();
    const Bytes bytes = as_bytes(each.at(1).text());
    message.body.assign(bytes.begin(), bytes.end());
    messages_.push_back(std::move(message));
  });
}

bool MitmFlow::read_dns() {
  bool some = false;
  for (std::string_view name : {"request", "response"}) {
    const Tnet source = flow_[name];
    auto wire = write_dns(source);
    if (!wire) continue;
    ImportedMessage message =
        start(ImportedMessage::Kind::dns, name == "request", time_of(source, "timestamp"), std::nullopt);
    message.protocol = "dns";
    message.body = std::move(*wire);
    messages_.push_back(std::move(message));
    some = true;
  }
  return some;
}

bool MitmFlow::read() {
  if (flow_.type() != Tnet::Type::dictionary || client_.type() != Tnet::Type::dictionary) return false;
  const std::string_view type = flow_["type"].text();
  auto facts = connection();
  const bool udp = type == "udp" || type == "dns";
  if (udp) facts->transport = Transport::udp;
  connection_ = std::move(facts);
  if (type == "tcp") return read_bytes(ImportedMessage::Kind::stream);
  if (type == "udp") return read_bytes(ImportedMessage::Kind::datagram);
  if (type == "dns") return read_dns();
  if (type == "websocket") {
    // Up to version 11 a flow of its own beside that of its handshake.
    const Tnet pair = pair_of(server_["address"]);
    const bool tls = connection_->security == Connection::Security::tls;
    read_frames(flow_["messages"], fmt::format("{}://{}:{}/", tls ? "wss" : "ws", pair.at(0).text(), port_of(pair)),
                !reached_server());
    return true;
  }
  return read_http();
}

}  // namespace

bool read_mitm_flow(Bytes bytes, PacketId id, Anomalies& anomalies, std::vector<ImportedMessage>& messages) {
  const auto flow = Tnet::take(bytes);
  if (!flow) return false;
  const std::size_t before = messages.size();
  if (MitmFlow(*flow, id, anomalies, messages).read()) return true;
  messages.resize(before);
  return false;
}

}  // namespace tattle
