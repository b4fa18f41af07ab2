#include "capture/import/har.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "capture/import/form.h"
#include "capture/import/repair.h"
#include "capture/import/text.h"

namespace tattle {
namespace {

namespace dom = simdjson::dom;
using Connection = ImportedConnection;

std::string_view text(dom::element parent, std::string_view name) {
  std::string_view found;
  return parent[name].get(found) == simdjson::SUCCESS ? found : std::string_view();
}

// A number, also one that was written as a string; NaN when there is none.
double number(dom::element parent, std::string_view name) {
  double found = 0;
  if (parent[name].get(found) == simdjson::SUCCESS) return found;
  return std::nan("");
}

std::int64_t whole(dom::element parent, std::string_view name) {
  const double found = number(parent, name);
  return std::isfinite(found) && std::abs(found) < 1e15 ? static_cast<std::int64_t>(found) : 0;
}

std::optional<dom::element> member(dom::element parent, std::string_view name) {
  dom::element found;
  if (parent[name].get(found) != simdjson::SUCCESS || found.is_null()) return std::nullopt;
  return found;
}

std::optional<dom::array> list(dom::element parent, std::string_view name) {
  dom::array found;
  if (parent[name].get(found) != simdjson::SUCCESS) return std::nullopt;
  return found;
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](auto prefix) { return text.starts_with(prefix); });
}

Time plus_milliseconds(Time time, double milliseconds) {
  if (!std::isfinite(milliseconds) || milliseconds <= 0 || milliseconds > 1e12) return time;
  return {time.ns + static_cast<std::int64_t>(milliseconds * 1e6)};
}

std::vector<std::pair<std::string, std::string>> fields_of(dom::element message, std::string_view name) {
  std::vector<std::pair<std::string, std::string>> fields;
  const auto headers = list(message, name);
  if (!headers) return fields;
  for (dom::element header : *headers) {
    const std::string_view key = text(header, "name");
    if (key.empty()) continue;
    // Chrome writes several fields of one name (Set-Cookie) as lines of one value.
    for (std::string_view values = text(header, "value");;) {
      const auto line = values.find('\n');
      fields.emplace_back(key, values.substr(0, line));
      if (line == std::string_view::npos) break;
      values.remove_prefix(line + 1);
    }
  }
  return fields;
}

}  // namespace

struct HarEntryReader::State {
  dom::parser parser;
  Repaired repaired;
  // Of the entry being read.
  PacketId id;
  Anomalies* anomalies = nullptr;
  bool marked = false;

  bool parse(Bytes json, dom::element& entry);
  bool read(dom::element entry, std::vector<ImportedMessage>& messages);
  ImportedMessage start(ImportedMessage::Kind kind, Direction direction, std::string_view protocol, Time first,
                        Time last) const;
  void set_text(ImportedMessage& message, std::string_view content, bool base64);
  void read_post_data(dom::element request, ImportedMessage& message);
  void read_content(dom::element response, ImportedMessage& message);
  void read_frames(dom::element entry, const ImportedMessage& request, std::vector<ImportedMessage>& messages);
  void missing(ImportedMessage& message, std::int64_t bytes);
  void unmark(ImportedMessage& message) const;
};

HarEntryReader::HarEntryReader() : state_(std::make_unique<State>()) {}
HarEntryReader::~HarEntryReader() = default;

bool HarEntryReader::read(Bytes json, PacketId id, Anomalies& anomalies, std::vector<ImportedMessage>& messages) {
  State& state = *state_;
  state.id = id;
  state.anomalies = &anomalies;
  dom::element entry;
  if (!state.parse(json, entry)) return false;
  const std::size_t before = messages.size();
  if (!state.read(entry, messages)) {
    messages.resize(before);
    return false;
  }
  if (state.marked) std::for_each(messages.begin() + before, messages.end(), [&](auto& each) { state.unmark(each); });
  return true;
}

bool HarEntryReader::State::parse(Bytes json, dom::element& entry) {
  marked = false;
  const auto error = parser.parse(json.data(), json.size(), true).get(entry);
  if (error == simdjson::SUCCESS) return entry.is_object();
  if (error != simdjson::UTF8_ERROR && error != simdjson::STRING_ERROR) return false;
  repaired = repair_json_text(json);
  marked = repaired.marked;
  if (parser.parse(repaired.json.data(), repaired.json.size(), true).get(entry) != simdjson::SUCCESS) return false;
  anomalies->note("import.bad-text", id);
  return entry.is_object();
}

void HarEntryReader::State::unmark(ImportedMessage& message) const {
  unmark_bytes(message.url);
  unmark_bytes(message.body);
  for (auto& [name, value] : message.fields) unmark_bytes(value);
}

ImportedMessage HarEntryReader::State::start(ImportedMessage::Kind kind, Direction direction, std::string_view protocol,
                                             Time first, Time last) const {
  ImportedMessage message;
  message.id = id;
  message.kind = kind;
  message.direction = direction;
  message.protocol = protocol;
  message.first = first;
  message.last = std::max(first, last);
  return message;
}

void HarEntryReader::State::missing(ImportedMessage& message, std::int64_t bytes) {
  message.incomplete = true;
  message.missing_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(0, bytes));
  anomalies->note("import.body-missing", id);
}

void HarEntryReader::State::set_text(ImportedMessage& message, std::string_view content, bool base64) {
  message.content_decoded = true;
  if (base64) {
    if (auto bytes = decode_base64(content)) {
      message.body = std::move(*bytes);
      return;
    }
    anomalies->note("import.bad-base64", id);
  }
  message.charset_decoded = true;
  message.body.assign(content.begin(), content.end());
}

namespace {

bool is_base64(dom::element holder) {
  for (std::string_view name : {"encoding", "_encoding", "comment"}) {
    std::string_view said = text(holder, name);
    if (said == "base64" || said == "Base64" || said == "BASE64") return true;
    if (name == "comment" && said.find("base64") != std::string_view::npos) return true;
  }
  return false;
}

std::string_view media_type_of(const ImportedMessage& message) {
  for (const auto& [name, value] : message.fields) {
    if (name.size() == 12 && std::equal(name.begin(), name.end(), "content-type",
                                        [](char a, char b) { return (a | 0x20) == b || a == b; })) {
      return value;
    }
  }
  return {};
}

}  // namespace

// The body of a request: HTTP Toolkit's exact bytes, else its text, else its parameters put together again.
void HarEntryReader::State::read_post_data(dom::element request, ImportedMessage& message) {
  if (const auto exact = member(request, "_content"); exact && exact->is_object() && member(*exact, "text")) {
    return set_text(message, text(*exact, "text"), is_base64(*exact));
  }
  const std::int64_t size = whole(request, "bodySize");
  const auto data = member(request, "postData");
  if (!data || !data->is_object()) {
    if (size > 0) missing(message, size);
    return;
  }
  const std::string_view content = text(*data, "text");
  const auto parameters = list(*data, "params");
  if (media_type_of(message).empty() && !text(*data, "mimeType").empty()) {
    message.fields.emplace_back("content-type", text(*data, "mimeType"));
  }
  if (!content.empty()) return set_text(message, content, is_base64(*data));
  if (parameters && parameters->size() > 0) {
    FormWriter form(media_type_of(message));
    for (dom::element each : *parameters) {
      form.add(text(each, "name"), text(each, "value"), text(each, "fileName"), text(each, "contentType"));
    }
    message.body = form.finish();
    message.content_decoded = message.charset_decoded = true;
    return;
  }
  if (size > 0) missing(message, size);
}

void HarEntryReader::State::read_content(dom::element response, ImportedMessage& message) {
  const auto content = member(response, "content");
  if (!content || !content->is_object()) return;
  const std::int64_t size = whole(*content, "size");
  if (media_type_of(message).empty() && !text(*content, "mimeType").empty()) {
    message.fields.emplace_back("content-type", text(*content, "mimeType"));
  }
  if (member(*content, "text")) {
    set_text(message, text(*content, "text"), is_base64(*content));
    // Not modified: what stands here is the browser's copy, which this response did not bring.
    message.body_not_sent = message.status == 304;
    if (message.body.empty() && size > 0 && !message.body_not_sent) missing(message, size);
  } else if (size > 0 && message.status != 304 && message.status != 204) {
    missing(message, size);
  }
}

// Chrome's `_webSocketMessages`, which mitmproxy and HTTP Toolkit write too: `data` is text for opcode 1, else base64.
void HarEntryReader::State::read_frames(dom::element entry, const ImportedMessage& request,
                                        std::vector<ImportedMessage>& messages) {
  const auto frames = list(entry, "_webSocketMessages");
  if (!frames) return;
  for (dom::element each : *frames) {
    const std::string_view type = text(each, "type");
    if (type != "send" && type != "receive") continue;
    double seconds = number(each, "time");
    if (seconds > 1e11) seconds /= 1000;  // milliseconds
    std::optional<Time> when = time_of_seconds(seconds);
    if (!when) when = parse_iso_time(text(each, "time"));
    const Time at = when.value_or(messages.back().last);
    ImportedMessage message = start(ImportedMessage::Kind::frame,
                                    type == "send" ? Direction::to_server : Direction::to_client, "websocket", at, at);
    message.url = request.url;
    message.not_sent = request.not_sent;
    message.connection = request.connection;
    const bool binary = whole(each, "opcode") != 1 && member(each, "opcode");
    message.method = binary ? "binary" : "text";
    set_text(message, text(each, "data"), binary);
    messages.push_back(std::move(message));
  }
}

namespace {

Address address_of(std::string_view said) {
  if (said.size() > 2 && said.front() == '[' && said.back() == ']') said = said.substr(1, said.size() - 2);
  if (const auto zone = said.find('%'); zone != std::string_view::npos) said = said.substr(0, zone);
  return Address::parse(said).value_or(Address{});
}

std::uint16_t port_of(dom::element entry, std::string_view name) {
  const std::int64_t port = whole(entry, name);
  return port > 0 && port < 65536 ? static_cast<std::uint16_t>(port) : 0;
}

std::shared_ptr<const Connection> connection_of(dom::element entry, std::string_view url, std::string_view protocol) {
  auto connection = std::make_shared<Connection>();
  const UrlParts parts = split_url(url);
  const std::string_view server = text(entry, "serverIPAddress");
  connection->server = {address_of(server), parts.port};
  for (std::string_view name : {"clientIPAddress", "_clientIPAddress", "_clientAddress"}) {
    if (connection->client.address.is_unspecified()) connection->client.address = address_of(text(entry, name));
  }
  connection->client.port = port_of(entry, "_clientPort");
  if (protocol == "http/3") {
    connection->transport = Transport::udp;
    connection->security = Connection::Security::quic;
  } else if (starts_with_any(parts.scheme, {"https", "wss", "HTTPS"})) {
    connection->security = Connection::Security::tls;
  } else if (starts_with_any(parts.scheme, {"http", "ws", "HTTP", "WS"})) {
    connection->security = Connection::Security::clear;
  }
  // `connection` may name the connection, or (Firefox) the server's port, which tells none from the other. One that
  // serves several hosts is kept apart by host, as different programs use the same numbers.
  const std::string_view name = text(entry, "connection");
  if (!name.empty() && name != std::to_string(parts.port) && name != "0") {
    connection->name = std::string(name) + ' ' + std::string(parts.scheme) + ' ' + std::string(parts.authority) + ' ' +
                       std::string(server);
  }
  return connection;
}

// A browser's own answer, by which it goes on to https (HSTS) or elsewhere: nothing was asked of the http URL's server.
bool redirected_inside(dom::element entry, int status) {
  const auto response = member(entry, "response");
  if (status != 307 || !response || !response->is_object()) return false;
  const auto fields = fields_of(*response, "headers");
  const auto says_so = [](const auto& field) {
    constexpr std::string_view kName = "non-authoritative-reason";
    return std::equal(field.first.begin(), field.first.end(), kName.begin(), kName.end(),
                      [](char a, char b) { return a == b || (a >= 'A' && a <= 'Z' && a + 32 == b); });
  };
  return std::any_of(fields.begin(), fields.end(), says_so);
}

// Whether the recorder says, or shows, that the request never left: no other entry must be counted as traffic.
bool never_sent(dom::element entry, std::string_view url, int status) {
  const UrlParts parts = split_url(url);
  if (!starts_with_any(parts.scheme, {"http", "ws", "HTTP", "WS"}) || parts.authority.empty()) return true;
  const std::string_view cache = text(entry, "_fromCache");
  if (!cache.empty()) return true;
  const bool peer = !text(entry, "serverIPAddress").empty();
  bool by_worker = false;
  if (entry["_fetchedViaServiceWorker"].get(by_worker) == simdjson::SUCCESS && by_worker && !peer) return true;
  if (!peer && redirected_inside(entry, status)) return true;
  if (peer || status > 0) return false;
  const auto timings = member(entry, "timings");
  if (!timings || !timings->is_object()) return false;
  const double send = number(*timings, "send"), wait = number(*timings, "wait");
  return !(send > 0) && !(wait > 0);
}

}  // namespace

bool HarEntryReader::State::read(dom::element entry, std::vector<ImportedMessage>& messages) {
  const auto request = member(entry, "request");
  if (!request || !request->is_object()) return false;
  const std::string_view url = text(*request, "url"), method = text(*request, "method");
  if (url.empty() || method.empty()) return false;
  const auto response = member(entry, "response");
  const bool answered = response && response->is_object() && whole(*response, "status") > 0;
  const int status = answered ? static_cast<int>(std::min<std::int64_t>(whole(*response, "status"), 999)) : 0;

  const auto started = parse_iso_time(text(entry, "startedDateTime"));
  if (!started) anomalies->note("import.no-time", id);
  const Time first = started.value_or(Time{});
  const double took = number(entry, "time");
  double receiving = 0;
  if (const auto timings = member(entry, "timings"); timings && timings->is_object()) {
    receiving = number(*timings, "receive");
  }

  std::string_view protocol = http_protocol(text(*request, "httpVersion"));
  if (protocol == "http" && answered) protocol = http_protocol(text(*response, "httpVersion"));
  ImportedMessage sent = start(ImportedMessage::Kind::request, Direction::to_server, protocol, first, first);
  sent.method = method;
  sent.url = url.substr(0, url.find('#'));
  sent.fields = fields_of(*request, "headers");
  read_post_data(*request, sent);
  sent.connection = connection_of(entry, url, protocol);
  sent.not_sent = never_sent(entry, url, status);
  if (sent.not_sent) anomalies->note("import.not-sent", id);
  messages.push_back(std::move(sent));
  ImportedMessage handshake;
  handshake.url = messages.back().url;
  handshake.not_sent = messages.back().not_sent;
  handshake.connection = messages.back().connection;
  if (answered) {
    const Time last = plus_milliseconds(first, took);
    const Time began = plus_milliseconds(first, std::isfinite(receiving) && receiving > 0 ? took - receiving : took);
    ImportedMessage got = start(ImportedMessage::Kind::response, Direction::to_client, protocol, began, last);
    got.status = status;
    got.fields = fields_of(*response, "headers");
    read_content(*response, got);
    got.not_sent = handshake.not_sent;
    got.connection = handshake.connection;
    messages.push_back(std::move(got));
  }
  const std::size_t answer = messages.size() - 1;
  read_frames(entry, handshake, messages);
  // The time of a handshake's entry may be that of its whole connection: the answer came before the first frame.
  if (answered && answer + 1 < messages.size()) {
    ImportedMessage& got = messages[answer];
    const Time frame = std::max(messages[answer + 1].first, first);
    got.first = std::min(got.first, frame);
    got.last = std::min(got.last, std::max(frame, got.first));
  }
  return true;
}

}  // namespace tattle
