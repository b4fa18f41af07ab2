#include "attribute/facts/jurisdictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "attribute/facts/fact_file.h"

namespace tattle {
namespace {

constexpr std::array<std::string_view, 4> kMemberships = {"unknown", "none", "arrangement", "member"};
constexpr std::array<std::string_view, 3> kCoverages = {"whole-country", "recipients-in-scope", "listed-organisations"};

/// Codes that registries give but that are no country: ISO 3166-1 leaves AA, QM to QZ, XA to XZ and ZZ to users and
/// reserves EU and UK; AP stood for Asia and the Pacific in address databases.
bool is_country(std::string_view code) {
  const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (code.size() != 2 || !letter(code[0]) || !letter(code[1])) return false;
  if (code[0] == 'X' || (code[0] == 'Q' && code[1] >= 'M')) return code == "QA";
  return code != "AA" && code != "ZZ" && code != "EU" && code != "UK" && code != "AP";
}

/// From the first to the last of the days that a source gives, whether as a range or as days on which it looked.
Period known_days(const FactFile& file, FactNode node) {
  Period known = file.period(node);
  for (const std::string& text : file.texts(node, "seen")) {
    const std::optional<Day> day = parse_day(text);
    if (!day) file.complain(node["seen"], "seen: days like 2014-04-25 are expected");
    known.from = known.from ? std::min(*known.from, *day) : *day;
    known.until = known.until ? std::max(*known.until, *day) : *day;
  }
  if (!known.from || !known.until) file.complain(node, "listed: from and until, or seen, are expected");
  return known;
}

Coverage coverage_of(const FactFile& file, FactNode node) {
  const std::string text = file.text(node, "covers");
  const auto found = std::find(kCoverages.begin(), kCoverages.end(), text);
  if (found == kCoverages.end()) file.complain(node["covers"], fmt::format("covers: {} is none", text));
  return static_cast<Coverage>(found - kCoverages.begin());
}

}  // namespace

std::string_view to_string(Membership membership) { return kMemberships[static_cast<std::size_t>(membership)]; }
std::string_view to_string(Coverage coverage) { return kCoverages[static_cast<std::size_t>(coverage)]; }

const Listing* AdequacyDecision::listing(std::string_view organisation, Day day) const {
  for (const Listing& each : listed) {
    if (each.organisation == organisation && each.known.holds(day)) return &each;
  }
  return nullptr;
}

std::shared_ptr<const Jurisdictions> Jurisdictions::load(const std::string& path) {
  auto result = std::make_shared<Jurisdictions>();
  if (path.empty()) return result;
  const FactFile file(path);
  result->newest_ = file.newest();
  for (FactNode each : file.list(file.root(), "areas", true)) {
    if (file.text(each, "id") == "eea") result->read_area(file, each);
  }
  for (FactNode each : file.list(file.root(), "decisions", true)) result->read_decision(file, each);
  return result;
}

void Jurisdictions::read_area(const FactFile& file, FactNode node) {
  for (FactNode each : file.list(node, "members", true)) {
    members_[file.country(each, "country")].push_back({file.period(each), {}, file.source(each)});
  }
  for (FactNode each : file.list(node, "arrangements")) {
    arrangements_[file.country(each, "country")].push_back(
        {file.period(each), file.text(each, "what"), file.source(each)});
  }
  for (FactNode each : file.list(node, "territories")) {
    territories_[file.country(each, "code")].push_back(
        {file.period(each), file.country(each, "part-of"), file.source(each)});
  }
}

void Jurisdictions::read_decision(const FactFile& file, FactNode node) {
  AdequacyDecision decision;
  decision.number = file.text(node, "number");
  decision.name = file.text_or_none(node, "name");
  decision.country = file.country(node, "country");
  file.text(node, "adopted");
  decision.adopted = *file.day(node, "adopted");
  decision.in_force = file.period(node);
  if (!decision.in_force.from) file.complain(node, "from: missing");
  decision.coverage = coverage_of(file, node);
  decision.scope = file.text(node, "scope");
  decision.journal = file.text(node, "journal");
  decision.source = file.source(node);
  if (const FactNode ended = node["ended"]) {
    decision.ended_how = file.text(ended, "how");
    decision.ended_by = file.text(ended, "by");
    const std::optional<Day> last = decision.in_force.until;
    if (!last || file.day(ended, "on") != *last + std::chrono::days(1))
      file.complain(ended, "ended: on is not the day after until");
  }
  for (FactNode each : file.list(node, "listed")) {
    decision.listed.push_back(
        {file.text(each, "organisation"), file.text(each, "entity"), known_days(file, each), file.source(each)});
  }
  decisions_.push_back(std::move(decision));
}

const Jurisdictions::Fact* Jurisdictions::on(const Facts& facts, const std::string& code, Day day) {
  const auto found = facts.find(code);
  if (found == facts.end()) return nullptr;
  for (const Fact& each : found->second) {
    if (each.period.holds(day)) return &each;
  }
  return nullptr;
}

AreaStatus Jurisdictions::eea(std::string_view country, Day day) const {
  if (members_.empty() || !is_country(country)) return {};
  std::string code(country);
  AreaStatus status;
  if (const Fact* territory = on(territories_, code, day)) {
    status.country = territory->text;
    code = territory->text;
  }
  if (const Fact* member = on(members_, code, day)) {
    status.membership = Membership::member;
    status.source = &member->source;
  } else if (const Fact* arrangement = on(arrangements_, code, day)) {
    status.membership = Membership::arrangement;
    status.what = arrangement->text;
    status.source = &arrangement->source;
  } else {
    status.membership = Membership::none;
  }
  return status;
}

std::vector<const AdequacyDecision*> Jurisdictions::in_force(std::string_view country, Day day) const {
  std::vector<const AdequacyDecision*> result;
  for (const AdequacyDecision& each : decisions_) {
    if (each.country == country && each.in_force.holds(day)) result.push_back(&each);
  }
  return result;
}

}  // namespace tattle
