#include "assess/link/links.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace tattle {
namespace {

using Key = std::pair<std::uint32_t, std::string>;  // subject and planted entry

// Recipients and disclosures of a link in the making; disclosures by their place in the document.
struct Link {
  std::set<std::size_t> own, others;
};

void add_recipients(const AuditDocument& document, const std::set<std::size_t>& disclosures, LinkReport& link) {
  std::set<std::string> known;
  for (const Shown& each : link.recipients) known.insert(each.clear);
  for (std::size_t index : disclosures) {
    Shown label = label_of(document.disclosures[index].recipient);
    if (!label.empty() && known.insert(label.clear).second) link.recipients.push_back(std::move(label));
  }
}

LinkReport report_of(const AuditDocument& document, const char* kind, const Link& link) {
  const DisclosureReport& first = document.disclosures[*link.own.begin()];
  LinkReport report{kind, first.subject, first.entry, first.datum, {}, {}};
  for (const auto* part : {&link.own, &link.others}) {
    for (std::size_t index : *part) report.disclosures.push_back(document.disclosures[index].id);
    add_recipients(document, *part, report);
  }
  return report;
}

Key key_of(const DisclosureReport& report) { return {report.subject, report.entry.clear}; }

}  // namespace

Shown label_of(const RecipientReport& recipient) {
  if (!recipient.host.empty()) return recipient.host;
  if (recipient.addresses.empty()) return {};
  return {recipient.addresses.front(), recipient.addresses.front()};
}

void build_links(AuditDocument& document, const std::map<TieTable::Pair, bool>& pairs) {
  std::unordered_map<std::uint64_t, std::size_t> by_number;
  std::map<Key, Link> values, accounts;
  for (std::size_t i = 0; i < document.disclosures.size(); ++i) {
    const DisclosureReport& report = document.disclosures[i];
    for (std::uint64_t number : report.numbers) by_number.emplace(number, i);
    const bool planted = report.certainty == Certainty::verified && !report.entry.empty();
    if (planted && report.direction == Travel::sent) values[key_of(report)].own.insert(i);
  }
  std::map<std::size_t, std::set<std::size_t>> linked;
  for (const auto& [pair, in_message] : pairs) {
    const auto id = by_number.find(pair.id), other = by_number.find(pair.other);
    if (id == by_number.end() || other == by_number.end()) continue;
    const DisclosureReport& identifier = document.disclosures[id->second];
    if (identifier.certainty != Certainty::verified || identifier.entry.empty()) continue;
    Link& link = accounts[key_of(identifier)];
    link.own.insert(id->second);
    link.others.insert(other->second);
    linked[id->second].insert(other->second);
    linked[other->second].insert(id->second);
  }
  std::vector<std::pair<std::size_t, LinkReport>> found;
  for (auto& [key, link] : accounts) {
    for (std::size_t own : link.own) link.others.erase(own);
    if (link.others.empty()) continue;
    const std::size_t gravest = std::min(*link.own.begin(), *link.others.begin());
    found.emplace_back(gravest, report_of(document, "account", link));
  }
  for (const auto& [key, link] : values) {
    LinkReport report = report_of(document, "same-value", link);
    if (report.recipients.size() > 1) found.emplace_back(*link.own.begin(), std::move(report));
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [rank, report] : found) document.links.push_back(std::move(report));
  for (const auto& [index, others] : linked) {
    for (std::size_t other : others) document.disclosures[index].linked.push_back(document.disclosures[other].id);
  }
}

bool is_sign_in(std::string_view action) {
  std::string plain;
  for (const char c : action) {
    if (c >= 'A' && c <= 'Z') {
      plain += static_cast<char>(c + 32);
    } else if (c != ' ' && c != '-' && c != '_') {
      plain += c;
    }
  }
  for (std::string_view word : {"signin", "signedin", "login", "loggedin"}) {
    if (plain.starts_with(word)) return true;
  }
  return false;
}

std::vector<ChangeReport> changes_at(const std::vector<SignIn>& sign_ins, const AuditDocument& document) {
  std::vector<ChangeReport> changes;
  for (std::size_t i = 0; i < sign_ins.size(); ++i) {
    const SignIn& here = sign_ins[i];
    const auto began = [&](Time first) {
      return first > here.until && (i + 1 == sign_ins.size() || first <= sign_ins[i + 1].until);
    };
    const auto stopped = [&](Time last) { return last < here.from && (i == 0 || last >= sign_ins[i - 1].from); };
    ChangeReport& change = changes.emplace_back();
    change.action = here.action;
    for (const DisclosureReport& report : document.disclosures) {
      if (report.direction != Travel::sent) continue;
      if (began(report.first)) change.began.push_back(report.id);
      if (stopped(report.last)) change.stopped.push_back(report.id);
    }
    for (const ContactReport& contact : document.recipients) {
      if (began(contact.first)) change.recipients_began.push_back(label_of(contact.recipient));
    }
    std::erase_if(change.recipients_began, [](const Shown& label) { return label.empty(); });
  }
  return changes;
}

}  // namespace tattle
