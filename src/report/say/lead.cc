#include "report/say/lead.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "assess/message_sums.h"
#include "report/json/json_members.h"
#include "report/say/words.h"

namespace tattle {
namespace {

// One datum at one recipient, in distinct messages.
struct Group {
  std::string datum, who;
  bool host = false;  // `who` is a host, no organisation
  MessageSum sum;
  std::uint64_t prompted = 0;  // of the idle ones: a server's message came before
  std::size_t rank = 0;        // of its gravest disclosure
  std::uint64_t unasked() const { return sum.idle - std::min(sum.idle, prompted); }
};

// Where the owner is, is what readers understand first; then what only they and their correspondents should know.
constexpr std::string_view kFirst[] = {"location", "sms", "mail", "call", "voicemail", "photo", "contact", "browsing"};

std::size_t order_of(const Group& group) {
  const auto found = std::find(std::begin(kFirst), std::end(kFirst), group.datum);
  return static_cast<std::size_t>(found - std::begin(kFirst));
}

bool leads(const Group& a, const Group& b) {
  if (order_of(a) != order_of(b)) return order_of(a) < order_of(b);
  if (a.unasked() != b.unasked()) return a.unasked() > b.unasked();
  if (a.sum.messages != b.sum.messages) return a.sum.messages > b.sum.messages;
  if (a.sum.clear != b.sum.clear) return a.sum.clear > b.sum.clear;
  return a.rank < b.rank;
}

const std::string& organisation_of(const RecipientReport& recipient) {
  return recipient.operated_by.empty() ? recipient.organisation : recipient.operated_by;
}

// What a server's message came before is answered by the phone, not told of itself.
bool prompted_by_server(const DisclosureReport& each) {
  return each.prompting && (each.prompting->kind == "server-message" || each.prompting->kind == "unexplained");
}

std::vector<Group> groups_of(const AuditDocument& document, bool reveal, const Messages& messages) {
  using Key = std::pair<std::string, std::string>;
  const auto key_of = [&](const DisclosureReport& each) {
    const std::string& name = organisation_of(each.recipient);
    return Key(each.datum, name.empty() ? recipient_label(each.recipient, reveal, messages) : name);
  };
  const bool log = !document.actions.empty();
  std::map<Key, Group> groups;
  for (std::size_t i = 0; i < document.disclosures.size(); ++i) {
    const DisclosureReport& each = document.disclosures[i];
    if (!is_told(each)) continue;
    const auto [found, fresh] = groups.emplace(key_of(each), Group{});
    if (fresh) found->second = {each.datum, found->first.second, organisation_of(each.recipient).empty(), {}, 0, i};
  }
  const auto sums = message_sums<Key>(document, [&](const DisclosureReport& each, std::vector<Key>& keys) {
    if (is_told(each)) keys.push_back(key_of(each));
  });
  const auto prompted = message_sums<Key>(document, [&](const DisclosureReport& each, std::vector<Key>& keys) {
    if (is_told(each) && prompted_by_server(each)) keys.push_back(key_of(each));
  });
  std::vector<Group> all;
  for (auto& [key, group] : groups) {
    if (const auto found = sums.find(key); found != sums.end()) group.sum = found->second;
    if (const auto found = prompted.find(key); log && found != prompted.end()) group.prompted = found->second.idle;
    if (!log) group.sum.idle = 0;
    all.push_back(std::move(group));
  }
  return all;
}

std::string times(std::uint64_t count, const Messages& messages) {
  return count == 2 ? messages.text("lead.times.two") : messages.counted("lead.times", count);
}

// `, 12 of them unasked`; one thing only: a sentence that says everything says nothing.
std::string clause(const Group& group, const Messages& messages) {
  const auto [key, count] = group.unasked() > 0  ? std::pair("lead.idle", group.unasked())
                            : group.prompted > 0 ? std::pair("lead.prompted", group.prompted)
                                                 : std::pair("lead.clear", group.sum.clear);
  if (count == 0) return {};
  const std::uint64_t all = group.sum.messages, open = group.sum.not_covered;
  // What the log does not cover is neither asked nor unasked: then a count is of the rest.
  if (group.unasked() > 0 && open > 0 && open < all) {
    return ", " +
           messages.text("lead.idle-of", {{"count", std::to_string(count)}, {"covered", std::to_string(all - open)}});
  }
  if (count == all) return ", " + messages.text(std::string(key) + (all == 1 ? "-once" : "-all"));
  return ", " + messages.text(key, {{"count", std::to_string(count)}});
}

// The datum at all recipients, where the sentence names only one of them.
std::string in_all(const AuditDocument& document, const Group& lead, const Messages& messages) {
  std::set<std::string> recipients;
  for (const DisclosureReport& each : document.disclosures) {
    if (is_told(each) && each.datum == lead.datum) recipients.insert(recipient_label(each.recipient, true));
  }
  if (recipients.size() < 2) return {};
  const auto of_datum = [&](bool prompted) {
    return message_sum(document, [&](const DisclosureReport& each) {
      return is_told(each) && each.datum == lead.datum && (!prompted || prompted_by_server(each));
    });
  };
  const MessageSum all = of_datum(false);
  const bool log = !document.actions.empty();
  const std::uint64_t prompted = log ? std::min(all.idle, of_datum(true).idle) : 0;
  const std::uint64_t unasked = log ? all.idle - prompted : 0;
  const std::string text =
      " " + messages.text("lead.all", {{"datum", datum_label(lead.datum, messages)},
                                       {"times", times(all.messages, messages)},
                                       {"recipients", messages.counted("lead.to", recipients.size())}});
  std::string parts;
  if (unasked > 0) parts += ", " + messages.text("lead.idle", {{"count", std::to_string(unasked)}});
  if (prompted > 0) parts += ", " + messages.text("lead.prompted", {{"count", std::to_string(prompted)}});
  return text + parts + ".";
}

}  // namespace

Lead lead_of(const AuditDocument& document, const Json&, bool reveal, const Messages& messages) {
  const std::vector<Group> groups = groups_of(document, reveal, messages);
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
           {"who", messages.text(group.host ? "lead.who.host" : "lead.who.organisation", {{"who", group.who}})},
           {"datum", datum_label(group.datum, messages)},
           {"times", times(group.sum.messages, messages)},
           {"span", readable_duration(first, last, messages, "span")}}) +
      clause(group, messages) + "." + in_all(document, group, messages);
  if (!lead.sentence.empty() && lead.sentence[0] >= 'a' && lead.sentence[0] <= 'z') lead.sentence[0] -= 'a' - 'A';
  if (lead.sentence.find(messages.text("lead.idle-once")) != std::string::npos)
    lead.note = messages.text("lead.idle.note");
  return lead;
}

}  // namespace tattle
