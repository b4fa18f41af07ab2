#include "report/answer_parts.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "assess/message_sums.h"
#include "report/say/words.h"

namespace tattle {
namespace {

// `weather.example, Sweden`.
std::string host_and_country(const AnswerSource& source, const RecipientReport& to) {
  std::string text = recipient_label(to, source.reveal, source.say);
  if (to.local) return text + ", " + source.say.text("place.local");
  if (!to.country.empty()) text += ", " + country_name(to.country, source.say);
  return text;
}

// `weather.example, Sweden: location (2 times); …` of some messages, the recipient of most first.
// `idle`: only those beside no action.
template <class Only>
std::string sent_list(const AnswerSource& source, bool idle, Only only) {
  constexpr std::size_t kHosts = 8;
  struct Host {
    std::vector<std::string> data;  // gravest first
    std::uint64_t messages = 0;
  };
  std::map<std::string, Host> hosts;
  const auto label = [&](const DisclosureReport& each) { return host_and_country(source, each.recipient); };
  const auto add = [&](const DisclosureReport& each, std::vector<std::string>& keys) {
    if (is_told(each)) keys.push_back(label(each));
  };
  for (const auto& [name, sum] : message_sums<std::string>(source.document, add, only))
    hosts[name].messages = idle ? sum.idle : sum.messages;
  std::set<std::uint32_t> met;
  for (const CarriedReport& row : source.document.carried) {
    if (only(row)) met.insert(row.disclosures.begin(), row.disclosures.end());
  }
  for (const std::uint32_t index : met) {
    const DisclosureReport& each = source.document.disclosures[index];
    if (!is_told(each)) continue;
    std::vector<std::string>& data = hosts[label(each)].data;
    std::string datum = datum_label(each.datum, source.say);
    if (std::find(data.begin(), data.end(), datum) == data.end()) data.push_back(std::move(datum));
  }
  std::vector<std::pair<std::string, Host>> order(hosts.begin(), hosts.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second.messages > b.second.messages; });
  std::string text;
  for (std::size_t i = 0; i < order.size() && i < kHosts; ++i) {
    const auto& [name, host] = order[i];
    text += (text.empty() ? "" : "; ") +
            source.text("untouched.host",
                        {{"host", name}, {"data", source.listed(host.data)}, {"times", source.times(host.messages)}});
  }
  if (order.size() > kHosts) {
    text += "; " + source.text("and-more", {{"count", std::to_string(order.size() - kHosts)}});
  }
  return text;
}

// The host of a page's address; empty when there is none.
std::string host_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return {};
  const std::size_t begin = scheme + 3;
  return url.substr(begin, url.find_first_of("/:?# ", begin) - begin);
}

struct Pages {
  std::set<std::string> whole, names;  // of entries, as they are shown
};

// `1 page (news)`.
std::string pages_text(const AnswerSource& source, const std::set<std::string>& pages) {
  return source.say.counted("answers.between.pages", pages.size(),
                            {{"list", source.listed({pages.begin(), pages.end()})}});
}

// The planted pages whose site the phone talked to itself and under encryption, and which no proxy was told of.
std::set<std::string> past_the_proxy(const AnswerSource& source, const std::set<std::string>& at_proxy) {
  std::set<std::string> direct;
  for (const SubjectReport& subject : source.document.subjects) {
    for (const SubjectReport::Entry& entry : subject.entries) {
      const std::string host = host_of(entry.value.clear);
      if (entry.datum != "browsing" || host.empty() || at_proxy.contains(entry.name.text(source.reveal))) continue;
      const bool reached =
          std::any_of(source.document.recipients.begin(), source.document.recipients.end(), [&](const auto& each) {
            return each.recipient.host.clear == host && !each.recipient.addresses.empty() && each.opaque_flows > 0;
          });
      const bool opened =
          std::any_of(source.document.disclosures.begin(), source.document.disclosures.end(), [&](const auto& each) {
            return each.recipient.host.clear == host && !each.recipient.addresses.empty() &&
                   each.transport != Protection::clear && each.role == Role::destination;
          });
      if (reached || opened) direct.insert(entry.name.text(source.reveal));
    }
  }
  return direct;
}

}  // namespace

std::string AnswerSource::listed(const std::vector<std::string>& names, std::size_t most) const {
  std::string result;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) result += (i ? ", " : "") + names[i];
  if (names.size() > most) result += " " + text("and-more", {{"count", std::to_string(names.size() - most)}});
  return result;
}

std::vector<std::string> sent_untouched(const AnswerSource& source) {
  constexpr std::size_t kStretches = 4;
  const AuditDocument& document = source.document;
  std::vector<std::string> sentences;
  bool named = false;
  for (std::size_t i = 0; i < document.actions.size(); ++i) {
    const bool used = std::any_of(document.carried.begin(), document.carried.end(),
                                  [&](const CarriedReport& row) { return row.left_alone && *row.left_alone == i; });
    if (!used || sentences.size() >= kStretches) continue;
    named = true;
    const std::string list =
        sent_list(source, false, [&](const CarriedReport& row) { return row.left_alone && *row.left_alone == i; });
    if (list.empty()) continue;
    sentences.push_back(
        source.text("untouched.stretch", {{"action", document.actions[i].action.text(source.reveal)}, {"list", list}}));
  }
  if (named || document.actions.empty()) return sentences;
  const std::string list = sent_list(source, true, [](const CarriedReport& row) { return row.idle > 0; });
  if (!list.empty()) sentences.push_back(source.text("untouched.idle", {{"list", list}}));
  return sentences;
}

std::vector<std::string> pages_in_between(const AnswerSource& source) {
  std::map<std::string, Pages> proxies, resolvers;
  std::set<std::string> at_proxy;
  for (const DisclosureReport& each : source.document.disclosures) {
    if (!is_told(each) || each.datum != "browsing" || each.role == Role::destination || each.entry.empty()) continue;
    const std::string page = each.entry.text(source.reveal);
    std::string host = recipient_label(each.recipient, source.reveal, source.say);
    if (each.recipient.local) host += ", " + source.say.text("place.local");
    Pages& pages = (each.role == Role::proxy ? proxies : resolvers)[host];
    if (each.form == "host-name") pages.names.insert(page);
    if (each.form == "plain") pages.whole.insert(page);
    if (each.role == Role::proxy) at_proxy.insert(page);
  }
  std::vector<std::string> sentences;
  if (proxies.empty()) sentences.push_back(source.text("between.no-proxy"));
  for (auto& [host, pages] : proxies) {
    for (const std::string& whole : pages.whole) pages.names.erase(whole);
    std::string text = source.text("between.proxy", {{"host", host}});
    if (!pages.whole.empty()) text += source.text("between.whole", {{"pages", pages_text(source, pages.whole)}});
    if (!pages.whole.empty() && !pages.names.empty()) text += source.text("between.and");
    if (!pages.names.empty()) text += source.text("between.name", {{"pages", pages_text(source, pages.names)}});
    sentences.push_back(text + ".");
  }
  for (const auto& [host, pages] : resolvers) {
    sentences.push_back(source.text("between.resolver", {{"host", host}, {"pages", pages_text(source, pages.names)}}));
  }
  if (proxies.empty()) return sentences;
  if (const auto direct = past_the_proxy(source, at_proxy); !direct.empty()) {
    sentences.push_back(source.text("between.direct", {{"pages", pages_text(source, direct)}}));
  }
  return sentences;
}

std::vector<std::string> contents_reached(const AnswerSource& source) {
  std::map<std::pair<std::string, std::string>, std::set<std::string>> reached;
  for (const DisclosureReport& each : source.document.disclosures) {
    if (!is_told(each) || each.form != "plain") continue;
    const auto met = [&](const char* part) {
      return std::find(each.parts.begin(), each.parts.end(), part) != each.parts.end();
    };
    if (!each.parts.empty() && (met("from") || met("to")) && !met("value")) continue;
    for (const char* datum : {"sms", "mail", "voicemail", "photo", "note"}) {
      if (each.datum != datum) continue;
      reached[{datum_label(datum, source.say), protection_in_full(each, source.say)}].insert(
          recipient_label(each.recipient, source.reveal, source.say));
    }
  }
  std::vector<std::string> sentences;
  sentences.reserve(reached.size());
  for (const auto& [what, hosts] : reached) {
    sentences.push_back(source.text(
        "contents.reached",
        {{"datum", what.first}, {"how", what.second}, {"list", source.listed({hosts.begin(), hosts.end()})}}));
  }
  return sentences;
}

std::string contacted_countries(const AnswerSource& source) {
  std::set<std::string> told;
  for (const DisclosureReport& each : source.document.disclosures) {
    if (is_told(each) && !each.recipient.local) told.insert(each.recipient.country);
  }
  std::map<std::string, std::vector<std::string>> others;
  for (const ContactReport& each : source.document.recipients) {
    const RecipientReport& to = each.recipient;
    if (to.local || to.country.empty() || told.contains(to.country)) continue;
    others[country_name(to.country, source.say)].push_back(recipient_label(to, source.reveal, source.say));
  }
  std::vector<std::string> names;
  names.reserve(others.size());
  for (const auto& [country, hosts] : others) names.push_back(country + " (" + source.listed(hosts, 3) + ")");
  return names.empty() ? std::string() : source.text("where.contacted", {{"list", source.listed(names)}});
}

}  // namespace tattle
