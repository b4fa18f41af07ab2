#include "evidence/seal/manifest_replay.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

namespace tattle {
namespace {

using Json = nlohmann::json;

std::string said(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "?";
}

std::string name_of(const Json& disclosure) {
  const auto recipient = disclosure.is_object() ? disclosure.find("recipient") : disclosure.end();
  return fmt::format("{}: {} {} to {}", said(disclosure, "id"), said(disclosure, "entry"),
                     said(disclosure, "direction"), recipient != disclosure.end() ? said(*recipient, "host") : "?");
}

std::map<std::string, Json> by_key(const Json& document) {
  std::map<std::string, Json> disclosures;
  const auto list = document.find("disclosures");
  if (list == document.end() || !list->is_array()) return disclosures;
  for (const Json& each : *list) disclosures[said(each, "key")] = each;
  return disclosures;
}

std::string members_that_differ(const Json& a, const Json& b) {
  std::string names;
  const auto add = [&](const std::string& name) { names += (names.empty() ? "" : ", ") + name; };
  if (!a.is_object() || !b.is_object()) return names;
  for (const auto& [name, value] : a.items()) {
    if (!b.contains(name) || b.at(name) != value) add(name);
  }
  for (const auto& [name, value] : b.items()) {
    if (!a.contains(name)) add(name);
  }
  return names;
}

void compare_disclosures(const Json& sealed, const Json& replayed, std::vector<std::string>& lines) {
  const auto before = by_key(sealed), now = by_key(replayed);
  for (const auto& [key, each] : before) {
    const auto same = now.find(key);
    if (same == now.end()) {
      lines.push_back(fmt::format("not found again: {}", name_of(each)));
    } else if (same->second != each) {
      lines.push_back(fmt::format("differs: {} ({})", name_of(each), members_that_differ(each, same->second)));
    }
  }
  for (const auto& [key, each] : now) {
    if (!before.contains(key)) lines.push_back(fmt::format("found only now: {}", name_of(each)));
  }
}

}  // namespace

std::vector<std::string> audit_differences(std::string_view sealed_text, std::string_view replayed_text) {
  if (sealed_text == replayed_text) return {};
  const Json sealed = Json::parse(sealed_text, nullptr, false), replayed = Json::parse(replayed_text, nullptr, false);
  if (!sealed.is_object() || !replayed.is_object()) return {"audit.json is no audit document"};
  std::vector<std::string> lines;
  compare_disclosures(sealed, replayed, lines);
  Json rest = sealed, other = replayed;
  rest.erase("disclosures");
  other.erase("disclosures");
  if (const std::string names = members_that_differ(rest, other); !names.empty()) lines.push_back("differs: " + names);
  if (lines.empty()) lines.push_back("the same, but written in another order");
  return lines;
}

}  // namespace tattle
