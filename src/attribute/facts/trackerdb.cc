// Ghostery's tracker database (npm package @ghostery/trackerdb, dist/trackerdb.json): an object whose `organizations`
// maps keys to {"name", "country", …} and whose `patterns` maps keys to {"category", "organization", "domains", …}.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>

#include "attribute/facts/organisation_reader.h"
#include "base/result.h"

namespace tattle {
namespace {

using simdjson::dom::element;

std::string text(const element& object, std::string_view key) {
  std::string_view found;
  return object[key].get(found) == simdjson::SUCCESS ? std::string(found) : std::string();
}

std::vector<OrganisationKind> kinds_of_category(std::string_view category) {
  constexpr std::array<std::string_view, 6> kTrackers = {"advertising",    "adult_advertising", "pornvertising",
                                                         "site_analytics", "social_media",      "customer_interaction"};
  if (category == "hosting" || category == "cdn") return {OrganisationKind::cloud_host};
  if (std::find(kTrackers.begin(), kTrackers.end(), category) == kTrackers.end()) return {};
  return {OrganisationKind::tracker};
}

/// The package's version, from package.json beside its dist folder; the database itself has none.
std::string version_of(const std::string& path) {
  const auto package = std::filesystem::path(path).parent_path().parent_path() / "package.json";
  simdjson::dom::parser parser;
  element root;
  if (parser.load(package.string()).get(root) != simdjson::SUCCESS) return "version unknown";
  return text(root, "version");
}

}  // namespace

void OrganisationReader::read_trackerdb(const std::string& path) {
  simdjson::dom::parser parser;
  element root;
  simdjson::dom::object organizations, patterns;
  if (parser.load(path).get(root) != simdjson::SUCCESS) throw UserError(fmt::format("{}: is no JSON", path));
  if (root["organizations"].get(organizations) != simdjson::SUCCESS ||
      root["patterns"].get(patterns) != simdjson::SUCCESS) {
    throw UserError(fmt::format("{}: is not dist/trackerdb.json of @ghostery/trackerdb", path));
  }
  ++file_;
  const Source source{"Ghostery Tracker Database (CC BY-NC-SA 4.0), installed by the user",
                      "https://github.com/ghostery/trackerdb", version_of(path)};
  const auto id = [](std::string_view key) { return "ghostery:" + std::string(key); };
  for (const auto& [key, value] : organizations) {
    const std::string name = text(value, "name"), country = text(value, "country");
    if (name.empty()) continue;
    Organisation& known = organisation(id(key));
    known.name = name;
    known.source = source;
    if (country.size() == 2) known.seats = {{SeatRole::parent, name, country, {}, {}, source}};
  }
  std::map<std::string, std::optional<Organisations::Entry>> names;  // absent entry: of two organisations, so nobody's
  for (const auto& [key, value] : patterns) {
    const auto owner = table_.by_id_.find(id(text(value, "organization")));
    simdjson::dom::array domains;
    if (owner == table_.by_id_.end() || value["domains"].get(domains) != simdjson::SUCCESS) continue;
    for (const element& domain : domains) {
      std::string_view name;
      if (domain.get(name) != simdjson::SUCCESS) continue;
      Organisations::Entry entry{owner->second, {},  kinds_of_category(text(value, "category")), {}, source,
                                 file_,         true};
      const auto [at, fresh] = names.emplace(std::string(name), std::move(entry));
      if (!fresh && at->second && at->second->organisation != owner->second) at->second.reset();
    }
  }
  for (auto& [name, entry] : names) {
    if (entry) add_installed(name, std::move(*entry));
  }
}

}  // namespace tattle
