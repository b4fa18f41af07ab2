#include "attribute/facts/relation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace tattle {
namespace {

constexpr std::array<std::string_view, 7> kRelations = {"unknown",       "maker",   "system-vendor", "network-operator",
                                                        "app-publisher", "tracker", "cloud-host"};
constexpr int kMostOwners = 4;  // an owner's owner's owner; a circle in a file ends here

/// The words of a text that are kept apart by blanks.
std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) result.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

/// Who made the phone. A model's own brand says more than the maker's: phones called Nokia have had three makers.
const Organisation* maker_of(const PhoneFacts& phone, const Organisations& organisations, Day day) {
  const auto model = words(phone.model);
  for (std::size_t i = 0; i < model.size() && i < 2; ++i) {
    if (model[i] == phone.maker) continue;
    if (const Organisation* found = organisations.maker_of(model[i], day)) return found;
  }
  if (phone.maker.empty()) return nullptr;
  if (const Organisation* found = organisations.maker_of(phone.maker, day)) return found;
  return nullptr;
}

/// Whether `owner` owned `owned` on that day, directly or not.
bool owns(const Organisation& owner, const Organisation& owned, const Organisations& organisations, Day day) {
  const Organisation* at = &owned;
  for (int i = 0; i < kMostOwners && at != nullptr; ++i) {
    const Owner* next = at->owner_on(day);
    if (next == nullptr || next->organisation.empty()) return false;
    if (next->organisation == owner.id) return true;
    at = organisations.find(next->organisation);
  }
  return false;
}

/// How `organisation` stands to `wanted`, which is called `what`; absent when it is neither it nor its owner or owned.
std::optional<std::string> belongs(const Organisation& organisation, const Organisation& wanted, std::string_view what,
                                   const Organisations& organisations, Day day) {
  if (&organisation == &wanted) return fmt::format("{} was {} on {}", wanted.name, what, to_string(day));
  if (owns(organisation, wanted, organisations, day)) {
    return fmt::format("{} owned {}, {}, on {}", organisation.name, wanted.name, what, to_string(day));
  }
  if (owns(wanted, organisation, organisations, day)) {
    return fmt::format("{} belonged to {}, {}, on {}", organisation.name, wanted.name, what, to_string(day));
  }
  return std::nullopt;
}

/// `com.example.app` -> `app.example.com`, whose end is a name of its publisher's, by Android's convention.
std::string reversed(std::string_view package) {
  std::string result;
  while (!package.empty()) {
    const std::size_t dot = package.rfind('.');
    result += package.substr(dot == package.npos ? 0 : dot + 1);
    package = dot == package.npos ? std::string_view() : package.substr(0, dot);
    if (!package.empty()) result += '.';
  }
  return result;
}

}  // namespace

std::string_view to_string(Relation relation) { return kRelations[static_cast<std::size_t>(relation)]; }

RelationFact relation_of(const HostFact* host, const PhoneFacts& phone, const Organisations& organisations, Day day) {
  if (host == nullptr || host->organisation == nullptr || host->kinds == nullptr) return {};
  const Organisation& organisation = *host->organisation;
  const auto is = [&](OrganisationKind kind) {
    return std::find(host->kinds->begin(), host->kinds->end(), kind) != host->kinds->end();
  };
  if (host->hosts_others()) {
    return {Relation::cloud_host,
            fmt::format("under {} stand machines that {} rents to others", host->name, organisation.name)};
  }
  if (const Organisation* maker = maker_of(phone, organisations, day)) {
    const auto ground = belongs(organisation, *maker, "the maker of phones of this brand", organisations, day);
    if (ground) return {Relation::maker, *ground};
  }
  if (!phone.system_vendor.empty()) {
    if (const Organisation* vendor = organisations.named(phone.system_vendor)) {
      const auto ground = belongs(organisation, *vendor, "the vendor of its system", organisations, day);
      if (ground) return {Relation::system_vendor, *ground};
    }
  }
  if (is(OrganisationKind::network_operator)) {
    return {Relation::network_operator, fmt::format("{} operates networks", organisation.name)};
  }
  if (phone.package.find('.') != phone.package.npos) {
    const auto publisher = organisations.of_host(reversed(phone.package), day);
    if (publisher && publisher->organisation == &organisation) {
      return {Relation::app_publisher,
              fmt::format("the app {} bears {}, a name of {}", phone.package, publisher->name, organisation.name)};
    }
  }
  if (is(OrganisationKind::app_publisher)) {
    return {Relation::app_publisher,
            fmt::format("{} publishes apps; which one it was is not known", organisation.name)};
  }
  if (is(OrganisationKind::tracker)) return {Relation::tracker, fmt::format("{} is listed as a tracker", host->name)};
  if (is(OrganisationKind::cloud_host)) {
    return {Relation::cloud_host, fmt::format("{} hosts others", organisation.name)};
  }
  return {};
}

}  // namespace tattle
