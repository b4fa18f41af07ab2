#include "report/format/har.h"

#include <algorithm>
#include <cctype>

#include "base/bytes.h"
#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string field(const HarMessage& message, std::string_view wanted) {
  for (const auto& [name, value] : *message.fields) {
    if (same_name(name, wanted)) return to_utf8(value);
  }
  return {};
}

Json headers(const HarMessage& message) {
  Json list = Json::array();
  for (const auto& [name, value] : *message.fields)
    list.push_back({{"name", to_utf8(name)}, {"value", to_utf8(value)}});
  return list;
}

void put_text(Json& holder, std::string_view body, const char* encoding) {
  bool lossy = false;
  std::string text = to_utf8(body, lossy);
  if (lossy || body.find('\0') != body.npos) {
    holder["text"] = to_base64(as_bytes(body));
    holder[encoding] = "base64";
  } else {
    holder["text"] = std::move(text);
  }
}

// RFC 6265 sections 4.2.1 and 4.1.1: a request has all its cookies in one field, a response each in one of its own.
Json cookies(const HarMessage& message, bool request) {
  Json list = Json::array();
  const auto add = [&](std::string_view pair) {
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    const auto equals = pair.find('=');
    if (equals == pair.npos || equals == 0) return;
    list.push_back({{"name", to_utf8(pair.substr(0, equals))}, {"value", to_utf8(pair.substr(equals + 1))}});
  };
  for (const auto& [name, value] : *message.fields) {
    if (!same_name(name, request ? "cookie" : "set-cookie")) continue;
    std::string_view rest = value;
    do {
      const auto end = std::min(rest.find(';'), rest.size());
      add(rest.substr(0, end));
      rest.remove_prefix(std::min(rest.size(), end + 1));
    } while (request && !rest.empty());
  }
  return list;
}

// HAR leaves open whether parameters are decoded; as they were sent, nothing is lost.
Json query(std::string_view url) {
  Json list = Json::array();
  const auto mark = url.find('?');
  if (mark == url.npos) return list;
  std::string_view rest = url.substr(mark + 1);
  rest = rest.substr(0, rest.find('#'));
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('&'));
    const auto equals = one.find('=');
    list.push_back({{"name", std::string(one.substr(0, equals))},
                    {"value", equals == one.npos ? std::string() : std::string(one.substr(equals + 1))}});
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
  }
  return list;
}

constexpr const char* kNotWhole = "the body was longer, or bytes of it are missing from the capture";

Json request_json(const HarMessage& message) {
  const std::string url = to_utf8(message.url);
  Json json{{"method", to_utf8(message.method)},
            {"url", url},
            {"httpVersion", std::string(message.http_version)},
            {"cookies", cookies(message, true)},
            {"headers", headers(message)},
            {"queryString", query(url)},
            {"headersSize", -1},
            {"bodySize", message.body.size()}};
  if (!message.body.empty()) {
    json["postData"] = {{"mimeType", field(message, "content-type")}, {"params", Json::array()}};
    put_text(json["postData"], message.body, "_encoding");
  }
  if (!message.whole) json["comment"] = kNotWhole;
  return json;
}

Json response_json(const HarMessage* message) {
  Json json{{"status", message ? message->status : 0},
            {"statusText", ""},
            {"httpVersion", message ? std::string(message->http_version) : std::string()},
            {"cookies", message ? cookies(*message, false) : Json::array()},
            {"headers", message ? headers(*message) : Json::array()}};
  Json& content = json["content"];
  content = {{"size", message ? message->body.size() : 0},
             {"mimeType", message ? field(*message, "content-type") : std::string()}};
  if (message && !message->body.empty()) put_text(content, message->body, "encoding");
  json["redirectURL"] = message ? field(*message, "location") : std::string();
  json["headersSize"] = -1;
  json["bodySize"] = -1;
  if (!message) json["comment"] = "no answer was seen";
  if (message && !message->whole) json["comment"] = kNotWhole;
  return json;
}

}  // namespace

Json har_entry(Time started, const HarMessage& request, const HarMessage* response, const HarTimings& timings,
               const Address& server) {
  Json entry{{"startedDateTime", to_rfc3339(started)},
             {"time", timings.send + timings.wait + timings.receive},
             {"request", request_json(request)},
             {"response", response_json(response)},
             {"cache", Json::object()},
             {"timings", {{"send", timings.send}, {"wait", timings.wait}, {"receive", timings.receive}}}};
  if (!server.is_unspecified()) entry["serverIPAddress"] = to_string(server);
  return entry;
}

Json har_creator(std::string_view version) { return {{"name", "Tattle"}, {"version", std::string(version)}}; }

std::string har_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace tattle
