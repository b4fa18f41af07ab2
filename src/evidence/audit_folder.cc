#include "evidence/audit_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "assess/document.h"
#include "base/result.h"

namespace tattle {
namespace {

using Json = nlohmann::json;

std::string text(const Json& object, const char* name) { return object.value(name, std::string()); }

std::string path_of(const Json& steps) {
  std::string path;
  for (const Json& step : steps) {
    if (!path.empty()) path += " > ";
    path += text(step, "step");
    if (const std::string detail = text(step, "detail"); !detail.empty()) path += " " + detail;
  }
  return path;
}

void add_evidence(const Json& json, const std::map<std::string, std::uint32_t>& captures,
                  std::vector<AuditedOccurrence>& occurrences) {
  const auto capture = captures.find(text(json, "capture"));
  if (capture == captures.end()) return;
  const auto flow = json.at("flow").get<std::uint64_t>(), message = json.at("message").get<std::uint64_t>();
  // One that several captures carried has an entry for each of them.
  const bool more = !occurrences.empty() && occurrences.back().flow == flow && occurrences.back().message == message;
  if (!more) occurrences.push_back({flow, message, {}, text(json, "time")});
  for (const Json& run : json.at("packets")) {
    add_packets(occurrences.back().packets,
                {capture->second, run.at(0).get<std::uint64_t>(), run.at(1).get<std::uint64_t>()});
  }
}

AuditedDisclosure disclosure_of(const Json& json, const std::map<std::string, std::uint32_t>& captures) {
  AuditedDisclosure disclosure;
  disclosure.id = json.at("id").get<std::string>();
  const bool plain = !disclosure.id.empty() && disclosure.id.find_first_not_of("D0123456789") == std::string::npos;
  if (!plain) throw UserError(fmt::format("audit.json: '{}' is no id of a disclosure; audit again", disclosure.id));
  disclosure.datum = text(json, "datum");
  disclosure.kind = text(json, "kind");
  disclosure.form = text(json, "form");
  disclosure.certainty = text(json, "certainty");
  disclosure.direction = text(json, "direction");
  disclosure.transport = text(json, "transport");
  disclosure.entry = text(json, "entry");
  for (const Json& step : json.at("path")) disclosure.steps.emplace_back(text(step, "step"), text(step, "detail"));
  disclosure.parts = json.value("parts", std::vector<std::string>());
  disclosure.path = path_of(json.at("path"));
  disclosure.count = json.value("count", std::uint64_t{0});
  const Json& recipient = json.at("recipient");
  disclosure.host = text(recipient, "host");
  disclosure.organisation = text(recipient, "organisation");
  disclosure.country = text(recipient, "country");
  disclosure.role = text(recipient, "role");
  for (const Json& each : recipient.value("addresses", Json::array())) {
    if (auto address = Address::parse(each.get<std::string>())) disclosure.addresses.push_back(*address);
  }
  for (const Json& each : json.at("evidence")) add_evidence(each, captures, disclosure.occurrences);
  return disclosure;
}

AuditFolder folder_of(const Json& json) {
  AuditFolder folder;
  folder.version = text(json, "tattle");
  std::map<std::string, std::uint32_t> by_name;
  for (const Json& each : json.at("captures")) {
    folder.captures.push_back({text(each, "name"), text(each, "sha256"), each.contains("entries")});
    by_name.emplace(folder.captures.back().name, static_cast<std::uint32_t>(folder.captures.size() - 1));
  }
  for (const Json& each : json.at("disclosures")) folder.disclosures.push_back(disclosure_of(each, by_name));
  return folder;
}

}  // namespace

std::string AuditedDisclosure::recipient() const {
  std::string name = !host.empty() ? host : addresses.empty() ? "an unknown host" : to_string(addresses.front());
  const std::string more = organisation + (!organisation.empty() && !country.empty() ? ", " : "") + country;
  return more.empty() ? name : name + " (" + more + ")";
}

const AuditedDisclosure& AuditFolder::find(std::string_view id) const {
  const auto is_it = [&](const AuditedDisclosure& each) {  // in either case: D7, d7
    return std::equal(each.id.begin(), each.id.end(), id.begin(), id.end(),
                      [](char a, char b) { return a == b || (a == 'D' && b == 'd'); });
  };
  const auto found = std::find_if(disclosures.begin(), disclosures.end(), is_it);
  if (found != disclosures.end()) return *found;
  if (disclosures.empty()) throw UserError(fmt::format("{}: no such disclosure; this audit found none", id));
  throw UserError(fmt::format("{}: no such disclosure; the report has {} to {}", id, disclosures.front().id,
                              disclosures.back().id));
}

AuditFolder parse_audit(std::string_view document, const std::string& name) {
  const auto no_audit = [&] {
    return UserError(fmt::format("{}: not an audit document; run `tattle audit` with --out again", name));
  };
  const Json json = Json::parse(document, nullptr, false);
  if (!json.is_object()) throw no_audit();
  try {
    const int schema = json.at("schema").get<int>();
    if (schema == AuditDocument::kSchema) return folder_of(json);
    throw UserError(fmt::format("{}: written by another version of tattle (schema {}, this one reads {})", name, schema,
                                AuditDocument::kSchema));
  } catch (const Json::exception&) {
    throw no_audit();
  }
}

AuditFolder read_audit_folder(const std::string& folder) {
  const std::string path = (std::filesystem::path(folder) / "audit.json").string();
  std::ifstream file(path, std::ios::binary);
  if (!file) throw UserError(fmt::format("{}: cannot be read; run `tattle audit` with --out {} again", path, folder));
  return parse_audit(std::string{std::istreambuf_iterator<char>(file), {}}, path);
}

}  // namespace tattle
