#include "assess/recipient_builder.h"

#include <fmt/format.h>

#include <algorithm>

namespace tattle {
namespace {

template <class Value>
void set_if_one(const std::set<Value>& all, Value& one, std::vector<Value>& several) {
  if (all.size() == 1) one = *all.begin();
  if (all.size() > 1) several.assign(all.begin(), all.end());
}

/// Why the machines under the name may stand anywhere; empty: nothing says so. That the organisation also runs a cloud
/// says nothing of this name; that the table gives the name kinds of its own, a cloud's among them, does.
std::string cloud_ground(const HostFact& host) {
  if (host.hosts_others()) {
    return fmt::format("customers of {}'s cloud stand under {}", host.organisation->name, host.name);
  }
  const bool cloud =
      std::find(host.kinds->begin(), host.kinds->end(), OrganisationKind::cloud_host) != host.kinds->end();
  if (!cloud || *host.kinds == host.organisation->kinds) return {};
  return fmt::format("customers of {}'s cloud stand under {} too", host.organisation->name, host.name);
}

/// What a clock that was set, or a capture that was late, may have taken off a round trip: light's way in a
/// millisecond.
constexpr std::uint32_t kClockKm = 150;

void say_anycast(const NetworkFact& network, const Place& place, RecipientReport& report) {
  if (!network.anycast && !network.cloud) return;
  report.anycast = true;
  report.anycast_ground =
      fmt::format("AS{} is a network of {}, {}", place.as_number, network.organisation->name,
                  network.anycast ? "which announces addresses from many places at once" : "a cloud of many places");
}

}  // namespace

RecipientBuilder::RecipientBuilder(const std::vector<Subject>& subjects, const RecipientFacts& facts)
    : subjects_(subjects),
      facts_(facts),
      masker_(subjects, Masker::Scope::everything),
      host_masker_(subjects, Masker::Scope::hosts) {}

RecipientReport RecipientBuilder::build(const Met& met) const {
  RecipientReport report;
  report.host = {met.host, host_masker_.mask(met.host)};
  if (!met.host.empty()) report.host_ground = met.ground;
  place(met, report);
  if (facts_.round_trips != nullptr) report.distance = facts_.round_trips->bound(met.host, met.addresses);
  if (facts_.gateway != nullptr && report.distance) rule_out(report);
  if (facts_.organisations != nullptr) organise(met, report);
  return report;
}

void RecipientBuilder::place(const Met& met, RecipientReport& report) const {
  std::set<std::string> countries, networks;
  std::set<std::uint32_t> numbers;
  std::set<std::pair<std::string, std::string>> sources;
  bool all_local = !met.addresses.empty();
  for (const Address& address : met.addresses) {
    report.addresses.push_back(to_string(address));
    Place place;
    if (met.nearby) {
      place.local = true;
    } else {
      place = facts_.places.find(address);
    }
    all_local = all_local && place.local;
    // Not known stays in the set: of two addresses with one known country, the country is not that one.
    countries.insert(place.country);
    networks.insert(place.local ? "local network" : place.network);
    numbers.insert(place.as_number);
    if (place.country_source != nullptr) sources.emplace(place.country_source->text, place.country_source->date);
    if (place.as_number == 0 || report.anycast || facts_.organisations == nullptr) continue;
    if (const auto network = facts_.organisations->of_network(place.as_number)) say_anycast(*network, place, report);
  }
  report.local = all_local;
  set_if_one(countries, report.country, report.countries);
  set_if_one(networks, report.network, report.networks);
  std::erase(report.countries, std::string());
  std::erase(report.networks, std::string());
  if (numbers.size() == 1) report.as_number = *numbers.begin();
  // Of two sources each is named, the older date with them.
  for (const auto& [text, date] : sources) {
    report.country_source += (report.country_source.empty() ? "" : "; ") + text;
    if (report.country_date.empty() || date < report.country_date) report.country_date = date;
  }
}

void RecipientBuilder::rule_out(RecipientReport& report) const {
  DistanceBound& distance = *report.distance;
  if (!distance.withheld.empty() || report.local || distance.rtt_us < RoundTrips::kTooNear) return;
  std::vector<std::string> registered = report.countries;
  if (!report.country.empty()) registered = {report.country};
  for (const std::string& country : registered) {
    const std::optional<double> least = facts_.gateway->least_km_to(country);
    if (least && *least > distance.within_km + kClockKm) distance.not_in.push_back(country);
  }
}

/// What was not so on the first and the last day alike is left out, lest it be said of the wrong one. An import without
/// times has no day: only what never changed is said of it.
void RecipientBuilder::organise(const Met& met, RecipientReport& report) const {
  const Organisations& organisations = *facts_.organisations;
  if (met.first.ns == 0) {
    report.organisation = organisations.of_host(met.host);
    return;
  }
  const Day day = day_of(met.first), last = day_of(met.last);
  std::optional<HostFact> host = organisations.of_host(met.host, day);
  if (host) {
    const auto later = organisations.of_host(met.host, last);
    if (!later || later->organisation != host->organisation) host.reset();
  }
  const Organisation* recipient = nullptr;
  if (host) {
    report.note = host->note;
    if (const std::string ground = cloud_ground(*host); !ground.empty() && !report.anycast) {
      report.anycast = true;
      report.anycast_ground = ground;
    }
    if (host->hosts_others()) {
      report.hosted_by = host->organisation->name;
    } else {
      recipient = host->organisation;
      report.organisation = recipient->name;
      if (host->source != nullptr) {
        report.organisation_source = host->source->text;
        report.organisation_date = host->source->date;
      }
      const Owner* owner = recipient->owner_on(day);
      const Owner* then = recipient->owner_on(last);
      if (owner != nullptr && owner == then) report.owner = {{owner->name, owner->source.text, owner->source.date}};
    }
    const RelationFact relation = this->relation(met, *host, day);
    if (relation.relation == this->relation(met, *host, last).relation) {
      report.relation = relation.relation;
      report.relation_ground = {relation.ground, masker_.mask(relation.ground)};
    }
  }
  if (facts_.jurisdictions == nullptr || report.local) return;
  const auto law = [&](Day on) { return law_of(report.country, recipient, organisations, *facts_.jurisdictions, on); };
  report.law = law_of_both(law(day), law(last));
  report.law.registered_source = report.country_source;
  report.law.registered_date = report.country_date;
}

RelationFact RecipientBuilder::relation(const Met& met, const HostFact& host, Day day) const {
  std::optional<RelationFact> agreed;
  for (std::size_t i = 0; i < subjects_.size(); ++i) {
    if (met.subject && *met.subject != i) continue;
    const Subject& subject = subjects_[i];
    const RelationFact fact = relation_of(&host, {subject.maker, subject.model, subject.system_vendor, met.package},
                                          *facts_.organisations, day);
    // Two phones of two makers: what the recipient is to both is not one thing.
    if (agreed && agreed->relation != fact.relation) return {};
    if (!agreed) agreed = fact;
  }
  return agreed.value_or(RelationFact{});
}

}  // namespace tattle
