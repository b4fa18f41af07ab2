#include "evidence/har_writer.h"

#include <map>
#include <nlohmann/json.hpp>

#include "report/format/har.h"
#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

HarMessage side_of(const ImportedMessage& message) {
  HarMessage side;
  side.http_version = message.protocol == "http" ? "unknown" : message.protocol;
  side.method = message.method;
  side.url = message.url;
  side.status = message.status;
  side.fields = &message.fields;
  side.body = as_text(message.body);
  side.whole = !message.incomplete;
  return side;
}

Json frame_json(const ImportedMessage& message) {
  const bool text = message.method == "text";
  return {{"type", message.direction == Direction::to_server ? "send" : "receive"},
          {"time", message.first.seconds()},
          {"opcode", text ? 1 : 2},
          {"data", text ? to_utf8(as_text(message.body)) : to_base64(message.body)}};
}

// What an import's entry consists of; each may be absent.
struct Parts {
  const ImportedMessage* request = nullptr;
  const ImportedMessage* response = nullptr;
  std::vector<const ImportedMessage*> frames;
};

Json entry_json(const Parts& parts) {
  const ImportedMessage& any =
      parts.request ? *parts.request : (parts.response ? *parts.response : *parts.frames.front());
  ImportedMessage unseen;
  unseen.protocol = any.protocol;
  const HarMessage request = side_of(parts.request ? *parts.request : unseen);
  const HarMessage response = side_of(parts.response ? *parts.response : unseen);
  Json entry =
      har_entry(any.first, request, parts.response ? &response : nullptr, HarTimings(), any.connection->server.address);
  for (const ImportedMessage* frame : parts.frames) entry["_webSocketMessages"].push_back(frame_json(*frame));
  return entry;
}

}  // namespace

std::string har_of(const std::vector<std::shared_ptr<const ImportedMessage>>& messages, std::string_view version,
                   std::string_view comment) {
  std::map<PacketId, Parts> entries;
  for (const auto& message : messages) {
    using Kind = ImportedMessage::Kind;
    if (message->kind == Kind::request) entries[message->id].request = message.get();
    if (message->kind == Kind::response) entries[message->id].response = message.get();
    if (message->kind == Kind::frame) entries[message->id].frames.push_back(message.get());
  }
  if (entries.empty()) return {};
  Json log{{"version", "1.2"}, {"creator", har_creator(version)}};
  log["entries"] = Json::array();
  for (const auto& [id, parts] : entries) log["entries"].push_back(entry_json(parts));
  log["comment"] = to_utf8(comment);
  return Json{{"log", std::move(log)}}.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tattle
