#include "report/answers.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "report/json/json_members.h"
#include "report/say/clock.h"
#include "report/say/words.h"

namespace tattle {
namespace {

// A verified disclosure that was sent, with its JSON.
struct Sent {
  const DisclosureReport* report;
  const Json* json;
};

bool has_list(const Json& json, const char* name) {
  const Json& list = member(json, name);
  return list.is_array() && !list.empty();
}

/// Everything that answers are made from.
class Answerer {
 public:
  Answerer(const AuditDocument& document, const Json& json, bool reveal, const Messages& say)
      : document_(document), json_(json), reveal_(reveal), say_(say) {
    const auto list = json.find("disclosures");
    for (std::size_t i = 0; i < document.disclosures.size(); ++i) {
      const DisclosureReport& each = document.disclosures[i];
      if (each.certainty != Certainty::verified || each.direction != Travel::sent) continue;
      static const Json none = Json::object();
      sent_.push_back({&each, list != json.end() && i < list->size() ? &(*list)[i] : &none});
      times_ += each.count;
    }
  }

  std::vector<Answer> all() const {
    std::vector<Answer> answers;
    if (sent_.empty()) {
      answers.push_back(
          {"who", Answered::in_part, {headline(document_, say_), coverage_in_short(document_.coverage, say_)}});
    } else {
      answers = {who(),      where(),      by_itself(), prompting(), told(),
                 software(), protection(), between(),   contents(),  joined()};
      answers.push_back({"trace", Answered::yes, {text("trace.how")}});
    }
    answers.insert(answers.end(), {switches(), more()});
    answers.push_back({"certificates", Answered::not_tested, {text("certificates.open")}});
    answers.push_back({"assurance", Answered::not_tested, {text("assurance.open")}});
    answers.push_back({"phones", Answered::not_tested, {text("phones.open")}});
    answers.push_back({"design", Answered::unknowable, {text("design.open")}});
    answers.push_back({"after", Answered::unknowable, {text("after.open")}});
    return answers;
  }

 private:
  std::string text(std::string_view key, Messages::Values values = {}) const {
    return say_.text("answers." + std::string(key), values);
  }

  std::string times(std::uint64_t count) const { return say_.counted("count.times", count); }

  // The first few, and how many more.
  std::string listed(const std::vector<std::string>& names, std::size_t most = 6) const {
    std::string result;
    for (std::size_t i = 0; i < std::min(names.size(), most); ++i) result += (i ? ", " : "") + names[i];
    if (names.size() > most) result += " " + text("and-more", {{"count", std::to_string(names.size() - most)}});
    return result;
  }

  // Names with counts, the most frequent first.
  std::string ranked(const std::map<std::string, std::uint64_t>& counts) const {
    std::vector<std::pair<std::string, std::uint64_t>> order(counts.begin(), counts.end());
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::vector<std::string> names;
    names.reserve(order.size());
    for (const auto& [name, count] : order) names.push_back(name + " (" + times(count) + ")");
    return listed(names);
  }

  static const std::string& company(const RecipientReport& recipient) {
    return recipient.operated_by.empty() ? recipient.organisation : recipient.operated_by;
  }

  Answer who() const {
    std::map<std::string, std::uint64_t> companies, others;
    for (const Sent& each : sent_) {
      const RecipientReport& to = each.report->recipient;
      const std::string& name = company(to);
      (name.empty() ? others : companies)[name.empty() ? recipient_label(to, reveal_, say_) : name] +=
          each.report->count;
    }
    Answer answer{"who", others.empty() ? Answered::yes : Answered::in_part, {}};
    if (!companies.empty()) answer.sentences.push_back(text("who.companies", {{"list", ranked(companies)}}));
    if (!others.empty()) answer.sentences.push_back(text("who.others", {{"list", ranked(others)}}));
    return answer;
  }

  Answer where() const {
    std::map<std::string, std::uint64_t> countries;
    std::uint64_t unknown = 0;
    for (const Sent& each : sent_) {
      const RecipientReport& to = each.report->recipient;
      if (to.local) continue;
      std::vector<std::string> codes = to.countries;
      if (codes.empty() && !to.country.empty()) codes.push_back(to.country);
      if (codes.empty()) unknown += each.report->count;
      for (const std::string& code : codes) countries[country_name(code, say_)] += each.report->count;
    }
    Answer answer{"where", Answered::in_part, {}};
    if (!countries.empty()) answer.sentences.push_back(text("where.registered", {{"list", ranked(countries)}}));
    if (unknown) answer.sentences.push_back(text("where.unknown", {{"times", times(unknown)}}));
    answer.sentences.push_back(text("where.law"));
    return answer;
  }

  Answer by_itself() const {
    const bool log = has_list(json_, "actions");
    Answer answer{"by-itself", log ? Answered::yes : Answered::not_tested, {}};
    std::uint64_t idle = 0, open = 0;
    const Sent* regular = nullptr;
    for (const Sent& each : sent_) {
      idle += std::min(each.report->count, count_in(member(*each.json, "timing"), "idle"));
      open += std::min(each.report->count, count_in(member(*each.json, "timing"), "not-covered"));
      const double occurrences = number_in(member(*each.json, "period"), "occurrences");
      if (occurrences > 0 && (!regular || occurrences > number_in(member(*regular->json, "period"), "occurrences")))
        regular = &each;
    }
    if (log) {
      const std::string covered = std::to_string(times_ - std::min(times_, open));
      answer.sentences.push_back(open < times_
                                     ? text("by-itself.idle", {{"idle", std::to_string(idle)}, {"all", covered}})
                                     : text("by-itself.not-covered-all"));
      if (open > 0) {
        answer.answered = open < times_ ? Answered::in_part : Answered::not_tested;
        if (open < times_) {
          answer.sentences.push_back(text("by-itself.not-covered", {{"times", times(open)}}));
        }
      }
    } else {
      answer.sentences.push_back(text("no-log"));
    }
    if (regular) {
      const double seconds = std::min(number_in(member(*regular->json, "period"), "seconds"), 1e9);
      answer.sentences.push_back(
          text("by-itself.regular", {{"period", readable_period(seconds, say_, "span")},
                                     {"datum", datum_label(regular->report->datum, say_)},
                                     {"who", recipient_label(regular->report->recipient, reveal_, say_)}}));
      if (!log) answer.answered = Answered::in_part;
    }
    return answer;
  }

  Answer prompting() const {
    std::map<std::string, std::set<std::string>> kinds;
    for (const Sent& each : sent_) {
      const std::string kind = text_in(member(*each.json, "prompting"), "kind");
      if (!kind.empty() && kind != "none-seen")
        kinds[kind].insert(recipient_label(each.report->recipient, reveal_, say_));
    }
    Answer answer{"prompting", Answered::in_part, {}};
    if (kinds.size() == 1 && kinds.begin()->first == "not-tested") {
      return {"prompting", Answered::not_tested, {text("prompting.not-tested")}};
    }
    for (const char* kind : {"trigger", "server-message", "unexplained"}) {
      const auto found = kinds.find(kind);
      if (found == kinds.end()) continue;
      answer.sentences.push_back(
          text(std::string("prompting.") + kind, {{"list", listed({found->second.begin(), found->second.end()})}}));
    }
    if (answer.sentences.empty()) answer.sentences.push_back(text("prompting.none"));
    return answer;
  }

  Answer told() const {
    if (!has_list(json_, "actions")) return {"told", Answered::not_tested, {text("no-log")}};
    std::array<std::uint64_t, 3> by_place{};
    std::uint64_t before = 0, refused = 0;
    for (const Sent& each : sent_) {
      const std::string place = text_in(*each.json, "told");
      ++by_place[place == "at-a-screen" ? 0 : place == "elsewhere" ? 1 : 2];
      const std::string state = text_in(member(*each.json, "permission"), "state");
      before += state == "before-granted";
      refused += state == "after-refused";
    }
    Answer answer{"told", Answered::yes, {}};
    answer.sentences.push_back(text("told.places", {{"screen", std::to_string(by_place[0])},
                                                    {"elsewhere", std::to_string(by_place[1])},
                                                    {"not", std::to_string(by_place[2])},
                                                    {"all", std::to_string(sent_.size())}}));
    if (before) answer.sentences.push_back(text("told.before", {{"count", std::to_string(before)}}));
    if (refused) answer.sentences.push_back(text("told.refused", {{"count", std::to_string(refused)}}));
    return answer;
  }

  Answer software() const {
    std::map<std::string, std::uint64_t> kinds;
    bool unknown = false;
    for (const Sent& each : sent_) {
      const SenderReport& sender = each.report->sender;
      std::string name = say_.word("sender", sender.kind);
      if (!sender.name.empty()) name += " " + sender.name.text(reveal_);
      kinds[name] += each.report->count;
      unknown |= sender.kind == "unknown";
    }
    return {
        "software", unknown ? Answered::in_part : Answered::yes, {text("software.counts", {{"list", ranked(kinds)}})}};
  }

  Answer protection() const {
    std::uint64_t clear = 0, unknown = 0;
    for (const Sent& each : sent_) {
      if (each.report->transport == Protection::clear) clear += each.report->count;
      if (each.report->transport == Protection::unknown) unknown += each.report->count;
    }
    Answer answer{"protection", unknown ? Answered::in_part : Answered::yes, {}};
    answer.sentences.push_back(
        text("protection.clear", {{"clear", std::to_string(clear)}, {"all", std::to_string(times_)}}));
    if (unknown) answer.sentences.push_back(text("protection.unknown", {{"count", std::to_string(unknown)}}));
    return answer;
  }

  Answer between() const {
    std::map<std::string, std::uint64_t> proxies, resolvers;
    for (const Sent& each : sent_) {
      const std::string host = recipient_label(each.report->recipient, reveal_, say_);
      if (each.report->role == Role::proxy) proxies[host] += each.report->count;
      if (each.report->role == Role::resolver) resolvers[host] += each.report->count;
    }
    Answer answer{"between", Answered::yes, {}};
    answer.sentences.push_back(proxies.empty() ? text("between.no-proxy")
                                               : text("between.proxy", {{"list", ranked(proxies)}}));
    if (!resolvers.empty()) answer.sentences.push_back(text("between.resolver", {{"list", ranked(resolvers)}}));
    return answer;
  }

  // Texts, mails and pictures whole in the recipient's hands: what screening would need.
  Answer contents() const {
    std::map<std::string, std::set<std::string>> reached;
    for (const Sent& each : sent_) {
      for (const char* datum : {"sms", "mail", "voicemail", "photo", "note"}) {
        if (each.report->datum != datum || each.report->form != "plain") continue;
        reached[datum_label(datum, say_)].insert(recipient_label(each.report->recipient, reveal_, say_));
      }
    }
    Answer answer{"contents", Answered::in_part, {}};
    for (const auto& [datum, hosts] : reached) {
      answer.sentences.push_back(
          text("contents.reached", {{"datum", datum}, {"list", listed({hosts.begin(), hosts.end()})}}));
    }
    answer.sentences.push_back(text(reached.empty() ? "contents.none" : "contents.open"));
    return answer;
  }

  // What the document's links say; they are of verified values, sent ones and some that came back.
  Answer joined() const {
    Answer answer{"joined", Answered::in_part, {}};
    std::vector<std::string> shared, ties;
    for (const LinkReport& link : document_.links) {
      const std::string name = entry_label(document_, link.entry.text(reveal_), link.datum, say_);
      if (link.kind == "same-value") {
        shared.push_back(name + " (" + say_.counted("count.recipients", link.recipients.size()) + ")");
      } else if (link.disclosures.size() > 1) {
        ties.push_back(name + " (" + say_.counted("count.disclosures", link.disclosures.size() - 1) + ")");
      }
    }
    if (!shared.empty()) answer.sentences.push_back(text("joined.shared", {{"list", listed(shared)}}));
    if (!ties.empty()) answer.sentences.push_back(text("joined.ties", {{"list", listed(ties)}}));
    if (answer.sentences.empty()) answer.sentences.push_back(text("joined.none"));
    return answer;
  }

  // Settings of the tester's log, in its order.
  Answer switches() const {
    std::vector<std::string> settings;
    const Clock clock(document_, say_);
    if (has_list(json_, "actions")) {
      for (const Json& action : json_.at("actions")) {
        std::string setting = setting_label(text_in(action, "setting"), say_), about;
        if (setting.empty()) continue;
        if (const auto time = parse_rfc3339(text_in(action, "time"))) about = clock.minute_of_day(*time);
        if (const std::string standard = text_in(action, "default"); !standard.empty()) {
          about += (about.empty() ? "" : ", ") + text("switch.default", {{"state", say_.word("state", standard)}});
        }
        if (!about.empty()) setting += " (" + about + ")";
        if (std::find(settings.begin(), settings.end(), setting) == settings.end()) settings.push_back(setting);
      }
    }
    Answer answer{"switch", Answered::not_tested, {text("switch.open")}};
    if (!settings.empty()) answer.sentences.push_back(text("switch.settings", {{"list", listed(settings)}}));
    return answer;
  }

  Answer more() const {
    return {"more", Answered::in_part, {coverage_in_short(document_.coverage, say_), text("more.open")}};
  }

  const AuditDocument& document_;
  const Json& json_;
  const bool reveal_;
  const Messages& say_;
  std::vector<Sent> sent_;
  std::uint64_t times_ = 0;
};

}  // namespace

std::string_view to_string(Answered answered) {
  switch (answered) {
    case Answered::yes:
      return "answered";
    case Answered::in_part:
      return "in-part";
    case Answered::not_tested:
      return "not-tested";
    case Answered::unknowable:
      return "unknowable";
  }
  return "";
}

std::vector<Answer> answers_of(const AuditDocument& document, const Json& json, bool reveal, const Messages& messages) {
  return Answerer(document, json, reveal, messages).all();
}

}  // namespace tattle
