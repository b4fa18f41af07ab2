#include "attribute/facts/law.h"

#include <algorithm>

namespace tattle {
namespace {

constexpr int kMostOwners = 4;  // a circle in a file ends here

LawFacts::Entity entity_of(const Seat& seat) {
  return {seat.entity, seat.country, seat.head_office, seat.source.text, seat.source.date};
}

/// The seat of the company as a whole: that of the last owner that is known, which a seat of one's own is not.
std::optional<LawFacts::Entity> parent_of(const Organisation& organisation, const Organisations& organisations,
                                          Day day) {
  const Organisation* at = &organisation;
  for (int i = 0; i < kMostOwners; ++i) {
    const Owner* owner = at->owner_on(day);
    if (owner == nullptr) break;
    const Organisation* next = owner->organisation.empty() ? nullptr : organisations.find(owner->organisation);
    if (next == nullptr) return LawFacts::Entity{owner->name, {}, {}, owner->source.text, owner->source.date};
    at = next;
  }
  const Seat* seat = at->seat_on(SeatRole::parent, day);
  if (seat != nullptr) return entity_of(*seat);
  if (at == &organisation) return std::nullopt;
  return LawFacts::Entity{at->name, {}, {}, at->source.text, at->source.date};
}

std::string covers(Coverage coverage) {
  if (coverage == Coverage::whole_country) return "country";
  return coverage == Coverage::listed_organisations ? "listed-organisation" : "unknown";
}

LawFacts::Adequacy adequacy_of(const AdequacyDecision& decision, const Organisation* organisation, Day day) {
  LawFacts::Adequacy fact;
  fact.decision = decision.number;
  fact.name = decision.name;
  fact.country = decision.country;
  if (decision.in_force.from) fact.from = to_string(*decision.in_force.from);
  if (decision.in_force.until) fact.until = to_string(*decision.in_force.until);
  fact.covers = covers(decision.coverage);
  fact.scope = decision.scope;
  fact.source = decision.source.text;
  fact.date = decision.source.date;
  if (decision.coverage != Coverage::listed_organisations || organisation == nullptr) return fact;
  // Absence from the file is not absence from the list: what is not known to be listed stays unknown.
  if (const Listing* listing = decision.listing(organisation->id, day)) {
    fact.listed = true;
    fact.listed_entity = listing->entity;
    if (listing->known.from) fact.listed_from = to_string(*listing->known.from);
    if (listing->known.until) fact.listed_until = to_string(*listing->known.until);
    fact.listed_source = listing->source.text;
    fact.listed_date = listing->source.date;
  }
  return fact;
}

bool same(const std::optional<LawFacts::Entity>& a, const std::optional<LawFacts::Entity>& b) {
  if (!a || !b) return !a && !b;
  return a->name == b->name && a->seat == b->seat && a->head_office == b->head_office && a->source == b->source;
}

bool same(const LawFacts::Adequacy& a, const LawFacts::Adequacy& b) {
  return a.decision == b.decision && a.country == b.country && a.listed == b.listed &&
         a.listed_entity == b.listed_entity && a.listed_from == b.listed_from;
}

}  // namespace

LawFacts law_of_both(LawFacts first, const LawFacts& last) {
  if (first.day == last.day) return first;
  first.last_day = last.day;
  const auto keep = [&](auto& mine, const auto& other) {
    if (same(mine, other)) return;
    mine.reset();
    first.changed = true;
  };
  keep(first.entity, last.entity);
  keep(first.parent, last.parent);
  if (first.eea != last.eea || first.arrangement != last.arrangement || first.eea_source != last.eea_source) {
    first.changed = true;
    first.eea.reset();
    first.arrangement.clear();
    first.eea_source.clear();
    first.eea_date.clear();
  }
  const auto gone = [&](const LawFacts::Adequacy& each, const std::vector<LawFacts::Adequacy>& others) {
    return std::none_of(others.begin(), others.end(),
                        [&](const LawFacts::Adequacy& other) { return same(each, other); });
  };
  first.changed |= std::any_of(last.adequacy.begin(), last.adequacy.end(),
                               [&](const LawFacts::Adequacy& each) { return gone(each, first.adequacy); });
  first.changed |= std::erase_if(first.adequacy, [&](const auto& each) { return gone(each, last.adequacy); }) > 0;
  return first;
}

LawFacts law_of(std::string_view country, const Organisation* organisation, const Organisations& organisations,
                const Jurisdictions& jurisdictions, Day day) {
  LawFacts law;
  law.registered = country;
  law.day = to_string(day);
  if (organisation != nullptr) {
    if (const Seat* seat = organisation->seat_on(SeatRole::eea_contract, day)) law.entity = entity_of(*seat);
    law.parent = parent_of(*organisation, organisations, day);
  }
  const AreaStatus area = jurisdictions.eea(country, day);
  if (area.membership != Membership::unknown) law.eea = area.membership == Membership::member;
  if (area.membership == Membership::arrangement) law.arrangement = area.what;
  if (area.source != nullptr) {
    law.eea_source = area.source->text;
    law.eea_date = area.source->date;
  } else if (area.membership == Membership::none) {
    // Nobody states what is not so: it rests on the list of members being whole.
    law.eea_source = "not among the members listed in jurisdictions.yaml";
    law.eea_date = jurisdictions.newest();
  }

  std::vector<std::string> countries{law.registered};
  if (law.entity) countries.push_back(law.entity->seat);
  if (law.parent) countries.push_back(law.parent->seat);
  for (std::size_t i = 0; i < countries.size(); ++i) {
    const auto here = countries.begin() + static_cast<std::ptrdiff_t>(i);
    if (countries[i].empty() || std::find(countries.begin(), here, countries[i]) != here) continue;
    for (const AdequacyDecision* each : jurisdictions.in_force(countries[i], day)) {
      law.adequacy.push_back(adequacy_of(*each, organisation, day));
    }
  }
  return law;
}

}  // namespace tattle
