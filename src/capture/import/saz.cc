#include "capture/import/saz.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

#include "capture/import/text.h"

namespace tattle {
namespace {

using Security = ImportedConnection::Security;

// FiddlerCore's SessionFlags, as `BitFlags` holds them.
constexpr unsigned kIsHttps = 0x1;
constexpr unsigned kRequestByFiddler = 0x80;
constexpr unsigned kResponseByFiddler = 0x100;
constexpr unsigned kFromCache = 0x4000;

struct Meta {
  std::optional<Time> asked, asked_until, answered, answered_until;
  unsigned flags = 0;
  Endpoint client;
  Address server;
};

std::string_view flag(const pugi::xml_node& session, const char* name) {
  for (const pugi::xml_node& each : session.child("SessionFlags").children("SessionFlag")) {
    const std::string_view found = each.attribute("N").value();
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    if (std::equal(found.begin(), found.end(), name, name + std::char_traits<char>::length(name), same)) {
      return each.attribute("V").value();
    }
  }
  return {};
}

Meta read_meta(const ByteVector& xml) {
  Meta meta;
  pugi::xml_document document;
  if (!document.load_buffer(xml.data(), xml.size())) return meta;
  const pugi::xml_node session = document.child("Session"), timers = session.child("SessionTimers");
  const auto time = [&](std::initializer_list<const char*> names) {
    std::optional<Time> found;
    for (const char* name : names) {
      if (!found) found = parse_iso_time(timers.attribute(name).value());
    }
    return found;
  };
  meta.asked = time({"ClientBeginRequest", "ClientConnected"});
  meta.asked_until = time({"ClientDoneRequest"});
  meta.answered = time({"ServerBeginResponse", "ClientBeginResponse"});
  meta.answered_until = time({"ServerDoneResponse", "ClientDoneResponse"});
  meta.flags = session.attribute("BitFlags").as_uint();
  meta.client.address = Address::parse(flag(session, "x-clientip")).value_or(Address{});
  const std::string_view port = flag(session, "x-clientport");
  std::from_chars(port.data(), port.data() + port.size(), meta.client.port);
  meta.server = Address::parse(flag(session, "x-hostip")).value_or(Address{});
  return meta;
}

struct StartLine {
  std::string_view method, target, version;
};

StartLine read_start_line(const ByteVector& request) {
  std::string_view line = as_text(request);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  StartLine start;
  const auto first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return start;
  start.method = line.substr(0, first);
  start.target = line.substr(first + 1, last - first - 1);
  start.version = line.substr(last + 1);
  return start;
}

std::string_view field(const ByteVector& message, std::string_view lower_name) {
  std::string_view text = as_text(message);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty() || line == "\r") break;
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
    if (line.size() <= lower_name.size() || line[lower_name.size()] != ':') continue;
    if (!std::equal(lower_name.begin(), lower_name.end(), line.begin(), [&](char a, char b) { return same(b, a); })) {
      continue;
    }
    std::string_view value = line.substr(lower_name.size() + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == '\r' || value.back() == ' ')) value.remove_suffix(1);
    return value;
  }
  return {};
}

// Splits what is written like HTTP/1 but was HTTP/2 or 3 into fields and body.
void take_apart(const ByteVector& text, ImportedMessage& message) {
  std::string_view rest = as_text(text);
  const auto start_line = rest.find('\n');
  rest.remove_prefix(start_line == std::string_view::npos ? rest.size() : start_line + 1);
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    const auto colon = line.find(':', 1);
    if (colon == std::string_view::npos) continue;
    std::string_view value = line.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    message.fields.emplace_back(line.substr(0, colon), value);
  }
  const Bytes body = as_bytes(rest);
  message.body.assign(body.begin(), body.end());
}

class SessionReader {
 public:
  SessionReader(const SazSession& session, PacketId id, Anomalies& anomalies, std::vector<ImportedMessage>& messages)
      : session_(session), id_(id), anomalies_(anomalies), messages_(messages), meta_(read_meta(session.meta)) {}

  bool read() {
    const StartLine start = read_start_line(session_.request);
    if (start.method.empty()) return false;
    connect(start);
    if (!meta_.asked) anomalies_.note("import.no-time", id_);
    not_sent_ = start.method == "CONNECT" || (meta_.flags & (kRequestByFiddler | kResponseByFiddler | kFromCache)) != 0;
    if (not_sent_) anomalies_.note("import.not-sent", id_);
    const Time asked = meta_.asked.value_or(Time{});
    const Time answered = std::max(meta_.answered.value_or(asked), asked);
    const std::string_view protocol = http_protocol(start.version);
    const bool newer = protocol == "http/2" || protocol == "http/3";
    ImportedMessage request = message(true, asked, meta_.asked_until.value_or(asked));
    request.incomplete = session_.request_cut;
    if (newer) {
      request.kind = ImportedMessage::Kind::request;
      request.protocol = protocol;
      request.method = start.method;
      request.url = url_;
      take_apart(session_.request, request);
    } else {
      request.body = in_origin_form(start);
    }
    messages_.push_back(std::move(request));
    if (!session_.response.empty()) {
      ImportedMessage response = message(false, answered, meta_.answered_until.value_or(answered));
      response.incomplete = session_.response_cut;
      if (newer) {
        read_newer(protocol, response);
      } else {
        response.body = session_.response;
      }
      messages_.push_back(std::move(response));
    }
    if (!newer) read_frames();
    return true;
  }

 private:
  void connect(const StartLine& start) {
    url_ = start.target;
    const bool https = (meta_.flags & kIsHttps) != 0 || start.target.starts_with("https:");
    if (start.target.starts_with('/')) {
      url_ = fmt::format("{}://{}{}", https ? "https" : "http", field(session_.request, "host"), start.target);
    }
    auto connection = std::make_shared<ImportedConnection>();
    connection->client = meta_.client;
    connection->server = {meta_.server, split_url(url_).port};
    const std::string_view protocol = http_protocol(start.version);
    if (protocol == "http/3") {
      connection->security = Security::quic;
      connection->transport = Transport::udp;
    } else if (https) {
      connection->security = Security::tls;
    } else if (start.target.starts_with("http:")) {
      connection->security = Security::clear;
    }
    connection_ = std::move(connection);
  }

  // Fiddler writes targets in full, also those that it read inside TLS. What the server of the Host field is sent is
  // the rest of them (RFC 9112 section 3.2.1).
  ByteVector in_origin_form(const StartLine& start) const {
    const UrlParts parts = split_url(start.target);
    const std::string_view named = field(session_.request, "host");
    if (parts.authority.empty() || named != parts.authority || start.method == "CONNECT") return session_.request;
    const std::string_view path = start.target.substr(
        static_cast<std::size_t>(parts.authority.data() - start.target.data()) + parts.authority.size());
    const std::string line = fmt::format("{} {}{}", start.method, path.starts_with('/') ? "" : "/", path);
    const auto rest =
        static_cast<std::size_t>(start.target.data() + start.target.size() - as_text(session_.request).data());
    ByteVector request(line.begin(), line.end());
    request.insert(request.end(), session_.request.begin() + static_cast<std::ptrdiff_t>(rest), session_.request.end());
    return request;
  }

  ImportedMessage message(bool from_client, Time first, Time last) const {
    ImportedMessage made;
    made.id = id_;
    made.kind = ImportedMessage::Kind::stream;
    made.protocol = "tcp";
    made.direction = from_client ? Direction::to_server : Direction::to_client;
    made.first = first;
    made.last = std::max(first, last);
    made.not_sent = not_sent_;
    made.connection = connection_;
    return made;
  }

  void read_newer(std::string_view protocol, ImportedMessage& response) const {
    response.kind = ImportedMessage::Kind::response;
    response.protocol = protocol;
    const std::string_view text = as_text(session_.response);
    const auto space = text.find(' ');
    if (space != std::string_view::npos && space < 16) {
      std::from_chars(text.data() + space + 1, text.data() + std::min(text.size(), space + 4), response.status);
    }
    take_apart(session_.response, response);
  }

  // Each frame: lines `Request-Length: 13` or `Response-Length: 13`, `ID`, `BitFlags`, times; an empty line; the frame
  // as it stood on the wire.
  void read_frames() {
    std::string_view rest = as_text(session_.frames);
    while (true) {
      while (rest.starts_with('\r') || rest.starts_with('\n')) rest.remove_prefix(1);
      if (rest.empty()) return;
      std::size_t size = 0;
      bool from_client = false, sized = false;
      Time when = messages_.back().last;
      while (!rest.empty()) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) break;
        const auto colon = line.find(": ");
        if (colon == std::string_view::npos) continue;
        const std::string_view name = line.substr(0, colon), value = line.substr(colon + 2);
        if (name == "Request-Length" || name == "Response-Length") {
          from_client = name == "Request-Length";
          sized = std::from_chars(value.data(), value.data() + value.size(), size).ec == std::errc{};
        } else if (name == "DoneRead") {
          when = parse_iso_time(value).value_or(when);
        }
      }
      if (!sized || size > rest.size()) {
        anomalies_.note("import.bad-frames", id_);
        return;
      }
      ImportedMessage frame = message(from_client, when, when);
      const Bytes bytes = as_bytes(rest.substr(0, size));
      frame.body.assign(bytes.begin(), bytes.end());
      rest.remove_prefix(size);
      messages_.push_back(std::move(frame));
    }
  }

  const SazSession& session_;
  const PacketId id_;
  Anomalies& anomalies_;
  std::vector<ImportedMessage>& messages_;
  const Meta meta_;
  std::string url_;
  bool not_sent_ = false;
  std::shared_ptr<const ImportedConnection> connection_;
};

}  // namespace

bool read_saz_session(const SazSession& session, PacketId id, Anomalies& anomalies,
                      std::vector<ImportedMessage>& messages) {
  return SessionReader(session, id, anomalies, messages).read();
}

}  // namespace tattle
