#include "report/say/lead.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "report/json/json_members.h"
#include "report/say/words.h"

namespace tattle {
namespace {

// One datum at one recipient.
struct Group {
  std::string datum, who;
  std::uint64_t count = 0, idle = 0, open = 0, before = 0, clear = 0;
  bool idle_known = true;
  std::size_t rank = 0;  // of its gravest disclosure
};

// Where the owner is, is what readers understand first; then what only they and their correspondents should know.
constexpr std::string_view kFirst[] = {"location", "sms", "mail", "call", "voicemail", "photo", "contact", "browsing"};

std::size_t order_of(const Group& group) {
  const auto found = std::find(std::begin(kFirst), std::end(kFirst), group.datum);
  return static_cast<std::size_t>(found - std::begin(kFirst));
}

bool leads(const Group& a, const Group& b) {
  if (order_of(a) != order_of(b)) return order_of(a) < order_of(b);
  if (a.idle != b.idle) return a.idle > b.idle;
  if (a.before != b.before) return a.before > b.before;
  if (a.count != b.count) return a.count > b.count;
  if (a.clear != b.clear) return a.clear > b.clear;
  return a.rank < b.rank;
}

std::string name_of(const RecipientReport& recipient, bool reveal, const Messages& messages) {
  if (!recipient.operated_by.empty()) return recipient.operated_by;
  if (!recipient.organisation.empty()) return recipient.organisation;
  return recipient_label(recipient, reveal, messages);
}

std::vector<Group> groups_of(const AuditDocument& document, const Json& json, bool reveal, const Messages& messages) {
  std::map<std::pair<std::string, std::string>, Group> groups;
  const Json& list = json.at("disclosures");
  for (std::size_t i = 0; i < document.disclosures.size() && i < list.size(); ++i) {
    const DisclosureReport& each = document.disclosures[i];
    if (each.certainty != Certainty::verified || each.direction != Travel::sent) continue;
    const std::string who = name_of(each.recipient, reveal, messages);
    Group& group = groups[{each.datum, who}];
    if (group.count == 0) {
      group.datum = each.datum;
      group.who = who;
      group.rank = i;
    }
    group.count += each.count;
    group.idle_known &= list[i].contains("timing");
    group.idle += std::min(each.count, count_in(member(list[i], "timing"), "idle"));
    group.open += count_in(member(list[i], "timing"), "not-covered");
    if (text_in(member(list[i], "permission"), "state") == "before-granted") {
      group.before += std::min(each.count, count_in(member(list[i], "permission"), "count"));
    }
    if (each.transport == Protection::clear) group.clear += each.count;
  }
  std::vector<Group> all;
  for (auto& [key, group] : groups) {
    if (!group.idle_known) group.idle = 0;
    all.push_back(std::move(group));
  }
  return all;
}

// `, 12 of them unasked`; one thing only: a sentence that says everything says nothing.
std::string clause(const Group& group, const Messages& messages) {
  const auto [key, count] = group.idle > 0     ? std::pair("lead.idle", group.idle)
                            : group.before > 0 ? std::pair("lead.before", group.before)
                                               : std::pair("lead.clear", group.clear);
  if (count == 0) return {};
  // What the log does not cover is neither asked nor unasked: then a count is of the rest.
  if (group.idle > 0 && group.open > 0 && group.open < group.count) {
    return ", " + messages.text("lead.idle-of", {{"count", std::to_string(count)},
                                                 {"covered", std::to_string(group.count - group.open)}});
  }
  if (count == group.count) {
    return ", " + messages.text(group.count == 1 ? std::string(key) + "-once" : std::string(key) + "-all");
  }
  return ", " + messages.text(key, {{"count", std::to_string(count)}});
}

}  // namespace

Lead lead_of(const AuditDocument& document, const Json& json, bool reveal, const Messages& messages) {
  const std::vector<Group> groups = groups_of(document, json, reveal, messages);
  Time first, last;
  for (const CaptureReport& capture : document.captures) {
    if (capture.packets == 0 || capture.first.ns == 0) continue;
    if (first.ns == 0 || capture.first < first) first = capture.first;
    last = std::max(last, capture.last);
  }
  // Of several phones a single sentence would not say which.
  if (groups.empty() || document.subjects.size() > 1 || first.ns == 0) return {};
  const Group& group = *std::min_element(groups.begin(), groups.end(), leads);
  const std::string own = "lead." + group.datum;
  Lead lead;
  lead.sentence =
      messages.text(
          messages.has(own) ? own : "lead.other",
          {{"phone", messages.text("lead.phone")},
           {"who", group.who},
           {"datum", datum_label(group.datum, messages)},
           {"times", group.count == 2 ? messages.text("lead.times.two") : messages.counted("lead.times", group.count)},
           {"span", readable_duration(first, last, messages, "span")}}) +
      clause(group, messages) + ".";
  if (group.idle > 0) lead.note = messages.text("lead.idle.note");
  return lead;
}

}  // namespace tattle
