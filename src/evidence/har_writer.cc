#include "evidence/har_writer.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>

#include "base/time.h"
#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

std::string utf8(std::string_view text) {
  bool lossy = false;
  return to_utf8(text, lossy);
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string field(const ImportedMessage& message, std::string_view wanted) {
  for (const auto& [name, value] : message.fields) {
    if (same_name(name, wanted)) return utf8(value);
  }
  return {};
}

Json fields_json(const ImportedMessage& message) {
  Json list = Json::array();
  for (const auto& [name, value] : message.fields) list.push_back({{"name", utf8(name)}, {"value", utf8(value)}});
  return list;
}

void put_body(Json& holder, const ImportedMessage& message, const char* encoding) {
  holder["mimeType"] = field(message, "content-type");
  bool lossy = false;
  holder["text"] = to_utf8(as_text(message.body), lossy);
  if (!lossy) return;
  holder["text"] = to_base64(message.body);
  holder[encoding] = "base64";
}

// Members that both halves must have.
Json half_json(const ImportedMessage& message) {
  return {{"httpVersion", message.protocol == "http" ? std::string("unknown") : std::string(message.protocol)},
          {"headers", fields_json(message)},
          {"cookies", Json::array()},
          {"headersSize", -1},
          {"bodySize", message.body.size()}};
}

Json request_json(const ImportedMessage& message) {
  Json json = half_json(message);
  json["method"] = utf8(message.method);
  json["url"] = utf8(message.url);
  json["queryString"] = Json::array();
  if (!message.body.empty()) put_body(json["postData"], message, "_encoding");
  return json;
}

Json response_json(const ImportedMessage& message) {
  Json json = half_json(message);
  json["status"] = message.status;
  json["statusText"] = "";
  json["redirectURL"] = field(message, "location");
  json["content"]["size"] = message.body.size();
  put_body(json["content"], message, "encoding");
  return json;
}

Json frame_json(const ImportedMessage& message) {
  const bool text = message.method == "text";
  return {{"type", message.direction == Direction::to_server ? "send" : "receive"},
          {"time", message.first.seconds()},
          {"opcode", text ? 1 : 2},
          {"data", text ? utf8(as_text(message.body)) : to_base64(message.body)}};
}

Json empty_entry(const ImportedMessage& message) {
  ImportedMessage nothing;
  nothing.protocol = message.protocol;
  Json entry{{"startedDateTime", to_rfc3339(message.first)},
             {"time", 0},
             {"request", request_json(nothing)},
             {"response", response_json(nothing)}};
  entry["cache"] = Json::object();
  entry["timings"] = {{"send", 0}, {"wait", 0}, {"receive", 0}};
  const Address& server = message.connection->server.address;
  if (!server.is_unspecified()) entry["serverIPAddress"] = to_string(server);
  return entry;
}

}  // namespace

std::string har_of(const std::vector<std::shared_ptr<const ImportedMessage>>& messages, std::string_view version,
                   std::string_view comment) {
  std::map<PacketId, Json> entries;
  for (const auto& message : messages) {
    using Kind = ImportedMessage::Kind;
    if (message->kind != Kind::request && message->kind != Kind::response && message->kind != Kind::frame) continue;
    Json& entry = entries.try_emplace(message->id, empty_entry(*message)).first->second;
    if (message->kind == Kind::request) entry["request"] = request_json(*message);
    if (message->kind == Kind::response) entry["response"] = response_json(*message);
    if (message->kind == Kind::frame) entry["_webSocketMessages"].push_back(frame_json(*message));
  }
  if (entries.empty()) return {};
  Json log{{"version", "1.2"}, {"creator", {{"name", "tattle"}, {"version", version}}}};
  log["entries"] = Json::array();
  for (auto& [id, entry] : entries) log["entries"].push_back(std::move(entry));
  log["comment"] = utf8(comment);
  return Json{{"log", std::move(log)}}.dump(1) + "\n";
}

}  // namespace tattle
