#include "attribute/organisations.h"

#include <libpsl.h>

#include <algorithm>
#include <array>

#include "attribute/facts/organisation_reader.h"
#include "base/address.h"

namespace tattle {
namespace {

constexpr std::array<std::string_view, 6> kKinds = {"maker",         "system-vendor", "network-operator",
                                                    "app-publisher", "tracker",       "cloud-host"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return result;
}

bool only_hosts(const std::vector<OrganisationKind>& kinds) {
  return kinds.size() == 1 && kinds.front() == OrganisationKind::cloud_host;
}

}  // namespace

std::string_view to_string(OrganisationKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::optional<OrganisationKind> parse_organisation_kind(std::string_view text) {
  const auto found = std::find(kKinds.begin(), kKinds.end(), text);
  if (found == kKinds.end()) return std::nullopt;
  return static_cast<OrganisationKind>(found - kKinds.begin());
}

const Owner* Organisation::owner_on(Day day) const {
  for (const Owner& each : owners) {
    if (each.period.holds(day)) return &each;
  }
  return nullptr;
}

const Seat* Organisation::seat_on(SeatRole role, Day day) const {
  for (const Seat& each : seats) {
    if (each.role == role && each.period.holds(day)) return &each;
  }
  return nullptr;
}

bool HostFact::hosts_others() const { return kinds != nullptr && only_hosts(*kinds); }

std::shared_ptr<const Organisations> Organisations::load(const std::string& path) { return load_all({path}); }

std::shared_ptr<const Organisations> Organisations::load_all(const std::vector<std::string>& paths) {
  auto result = std::make_shared<Organisations>();
  OrganisationReader reader(*result);
  for (const std::string& path : paths) {
    if (path.ends_with(".json")) {
      reader.read_trackerdb(path);
    } else if (!path.empty()) {
      reader.read(path);
    }
  }
  return result;
}

/// The longest listed name that the host is or stands under, of those that say something of the day.
const Organisations::Names::value_type* Organisations::longest(std::string_view host, std::optional<Day> day) const {
  while (!host.empty() && host.back() == '.') host.remove_suffix(1);
  if (by_name_.empty() || host.empty() || host.front() == '[' || Address::parse(host)) return nullptr;
  const std::string name = lower(host);
  const auto* fact = longest(name, day, false);
  return fact != nullptr ? fact : longest(name, day, true);
}

const Organisations::Names::value_type* Organisations::longest(std::string_view name, std::optional<Day> day,
                                                               bool installed) const {
  const auto fits = [&](const Entry& entry) {
    return entry.installed == installed && (!day || entry.period.holds(*day));
  };
  while (!name.empty()) {
    const auto found = by_name_.find(std::string(name));
    if (found != by_name_.end() && std::any_of(found->second.begin(), found->second.end(), fits)) return &*found;
    const std::size_t dot = name.find('.');
    name = dot == name.npos ? std::string_view() : name.substr(dot + 1);
  }
  return nullptr;
}

std::string_view Organisations::of_host(std::string_view host) const {
  const auto* found = longest(host, std::nullopt);
  if (found == nullptr) return {};
  const Entry& first = found->second.front();
  for (const Entry& each : found->second) {
    if (each.organisation != first.organisation || only_hosts(each.kinds)) return {};
  }
  return first.organisation->name;
}

std::optional<HostFact> Organisations::of_host(std::string_view host, Day day) const {
  const auto* found = longest(host, day);
  if (found == nullptr) return std::nullopt;
  for (const Entry& each : found->second) {
    if (each.period.holds(day)) return HostFact{each.organisation, found->first, &each.kinds, each.note, &each.source};
  }
  return std::nullopt;
}

std::optional<NetworkFact> Organisations::of_network(std::uint32_t as_number) const {
  const auto found = by_network_.find(as_number);
  if (found == by_network_.end()) return std::nullopt;
  const Network& network = found->second;
  const auto& kinds = network.organisation->kinds;
  const bool cloud = std::find(kinds.begin(), kinds.end(), OrganisationKind::cloud_host) != kinds.end();
  return NetworkFact{network.organisation, network.anycast, cloud, &network.source};
}

const Organisation* Organisations::find(std::string_view id) const {
  const auto found = by_id_.find(std::string(id));
  return found == by_id_.end() ? nullptr : found->second;
}

const Organisation* Organisations::maker_of(std::string_view brand, Day day) const {
  const std::string wanted = lower(brand);
  const Organisation* maker = nullptr;
  for (const Organisation& each : organisations_) {
    const auto fits = [&](const DatedName& name) { return name.period.holds(day) && lower(name.name) == wanted; };
    if (std::none_of(each.brands.begin(), each.brands.end(), fits)) continue;
    if (maker != nullptr) return nullptr;
    maker = &each;
  }
  return maker;
}

const Organisation* Organisations::named(std::string_view name) const {
  const std::string wanted = lower(name);
  const Organisation* found = nullptr;
  for (const Organisation& each : organisations_) {
    const bool same = lower(each.name) == wanted || each.id == wanted ||
                      std::any_of(each.former.begin(), each.former.end(),
                                  [&](const DatedName& former) { return lower(former.name) == wanted; });
    if (!same) continue;
    if (found != nullptr) return nullptr;
    found = &each;
  }
  return found;
}

std::string registrable_domain(std::string_view host) {
  while (!host.empty() && host.back() == '.') host.remove_suffix(1);
  // An address has labels too, but no owner in the list.
  if (host.empty() || host.front() == '[' || Address::parse(host)) return {};
  const std::string copy(host);
  const char* domain = psl_registrable_domain(psl_builtin(), copy.c_str());
  return domain == nullptr ? std::string() : std::string(domain);
}

}  // namespace tattle
