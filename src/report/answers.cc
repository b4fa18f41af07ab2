#include "report/answers.h"

#include <algorithm>
#include <map>
#include <set>

#include "assess/message_sums.h"
#include "report/answer_log.h"
#include "report/answer_parts.h"
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
      : document_(document),
        json_(json),
        reveal_(reveal),
        say_(say),
        source_{document, reveal, say},
        log_(document, reveal, say) {
    const auto list = json.find("disclosures");
    for (std::size_t i = 0; i < document.disclosures.size(); ++i) {
      const DisclosureReport& each = document.disclosures[i];
      if (each.certainty != Certainty::verified || each.direction != Travel::sent) continue;
      static const Json none = Json::object();
      sent_.push_back({&each, list != json.end() && i < list->size() ? &(*list)[i] : &none});
    }
    sum_ = message_sum(document, is_told);
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

  std::string listed(const std::vector<std::string>& names, std::size_t most = 6) const {
    return source_.listed(names, most);
  }

  // Distinct messages by the name that `name_of` gives a disclosure; none where it gives none.
  template <class NameOf>
  std::map<std::string, std::uint64_t> messages_by(NameOf name_of) const {
    const auto sums = message_sums<std::string>(document_, [&](const DisclosureReport& each, auto& keys) {
      if (!is_told(each)) return;
      if (std::string name = name_of(each); !name.empty()) keys.push_back(std::move(name));
    });
    std::map<std::string, std::uint64_t> counts;
    for (const auto& [name, sum] : sums) counts[name] = sum.messages;
    return counts;
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

  Answer who() const {
    const auto companies = messages_by(
        [](const DisclosureReport& each) { return each.recipient.local ? std::string() : each.recipient.operated_by; });
    // Whose name a host bears is not who operates it.
    const auto named = messages_by([](const DisclosureReport& each) {
      const bool only_named = !each.recipient.local && each.recipient.operated_by.empty();
      return only_named ? each.recipient.organisation : std::string();
    });
    const auto others = messages_by([&](const DisclosureReport& each) {
      const RecipientReport& to = each.recipient;
      const bool unknown = !to.local && to.operated_by.empty() && to.organisation.empty();
      return unknown ? recipient_label(to, reveal_, say_) : std::string();
    });
    const MessageSum local =
        message_sum(document_, [](const DisclosureReport& each) { return is_told(each) && each.recipient.local; });
    Answer answer{"who", others.empty() && named.empty() ? Answered::yes : Answered::in_part, {}};
    if (!companies.empty()) answer.sentences.push_back(text("who.companies", {{"list", ranked(companies)}}));
    if (!named.empty()) answer.sentences.push_back(text("who.named", {{"list", ranked(named)}}));
    if (!others.empty()) {
      const bool alone = companies.empty() && named.empty();
      answer.sentences.push_back(text(alone ? "who.only-others" : "who.others", {{"list", ranked(others)}}));
    }
    if (local.messages) answer.sentences.push_back(text("who.local", {{"times", times(local.messages)}}));
    return answer;
  }

  Answer where() const {
    const auto sums = message_sums<std::string>(document_, [&](const DisclosureReport& each, auto& keys) {
      const RecipientReport& to = each.recipient;
      if (!is_told(each) || to.local) return;
      for (const std::string& code : to.countries) keys.push_back(country_name(code, say_));
      if (to.countries.empty()) keys.push_back(to.country.empty() ? std::string() : country_name(to.country, say_));
    });
    std::map<std::string, std::uint64_t> countries;
    std::uint64_t unknown = 0;
    for (const auto& [name, sum] : sums) (name.empty() ? unknown : countries[name]) = sum.messages;
    Answer answer{"where", Answered::in_part, {}};
    if (!countries.empty()) answer.sentences.push_back(text("where.registered", {{"list", ranked(countries)}}));
    if (unknown) answer.sentences.push_back(text("where.unknown", {{"times", times(unknown)}}));
    if (std::string contacted = contacted_countries(source_); !contacted.empty())
      answer.sentences.push_back(std::move(contacted));
    answer.sentences.push_back(text("where.law"));
    return answer;
  }

  Answer by_itself() const {
    const bool log = has_list(json_, "actions");
    Answer answer{"by-itself", log ? Answered::yes : Answered::not_tested, {}};
    const Sent* regular = nullptr;
    for (const Sent& each : sent_) {
      const double occurrences = number_in(member(*each.json, "period"), "occurrences");
      if (occurrences > 0 && (!regular || occurrences > number_in(member(*regular->json, "period"), "occurrences")))
        regular = &each;
    }
    if (log) {
      const std::uint64_t open = sum_.not_covered, covered = sum_.messages - open;
      answer.sentences.push_back(
          covered > 0 ? text("by-itself.idle", {{"idle", std::to_string(sum_.idle)}, {"all", std::to_string(covered)}})
                      : text("by-itself.not-covered-all"));
      if (open > 0) answer.answered = covered > 0 ? Answered::in_part : Answered::not_tested;
      if (open > 0 && covered > 0) answer.sentences.push_back(text("by-itself.not-covered", {{"times", times(open)}}));
      for (std::string& sentence : sent_untouched(source_)) answer.sentences.push_back(std::move(sentence));
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
    const std::vector<std::string> few = log_.few_prompted(), pressed = log_.triggers();
    if (answer.sentences.empty() && few.empty()) answer.sentences.push_back(text("prompting.none"));
    answer.sentences.insert(answer.sentences.end(), few.begin(), few.end());
    answer.sentences.insert(answer.sentences.end(), pressed.begin(), pressed.end());
    if (!pressed.empty()) answer.sentences.push_back(text("prompting.pressed-no-proof"));
    return answer;
  }

  Answer told() const {
    if (!has_list(json_, "actions")) return {"told", Answered::not_tested, {text("no-log")}};
    return {"told", Answered::yes, log_.told()};
  }

  Answer software() const {
    const auto kinds = messages_by([&](const DisclosureReport& each) {
      std::string name = say_.word("sender", each.sender.kind);
      if (!each.sender.name.empty()) name += " " + each.sender.name.text(reveal_);
      return name;
    });
    const bool unknown =
        std::any_of(sent_.begin(), sent_.end(), [](const Sent& each) { return each.report->sender.kind == "unknown"; });
    return {
        "software", unknown ? Answered::in_part : Answered::yes, {text("software.counts", {{"list", ranked(kinds)}})}};
  }

  Answer protection() const {
    Answer answer{"protection", sum_.unknown ? Answered::in_part : Answered::yes, {}};
    answer.sentences.push_back(
        text("protection.clear", {{"clear", std::to_string(sum_.clear)}, {"all", std::to_string(sum_.messages)}}));
    const auto old = messages_by([&](const DisclosureReport& each) {
      const TlsVersion version = tls_version_of(each);
      return version.deprecated ? version.name + ": " + recipient_label(each.recipient, reveal_, say_) : std::string();
    });
    if (!old.empty()) answer.sentences.push_back(text("protection.old", {{"list", ranked(old)}}));
    if (sum_.unknown) answer.sentences.push_back(text("protection.unknown", {{"count", std::to_string(sum_.unknown)}}));
    return answer;
  }

  Answer between() const { return {"between", Answered::yes, pages_in_between(source_)}; }

  Answer contents() const {
    Answer answer{"contents", Answered::in_part, contents_reached(source_)};
    const bool none = answer.sentences.empty();
    answer.sentences.push_back(text(none ? "contents.none" : "contents.open"));
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

  // What one recording shows of settings; it tests none of them.
  Answer switches() const {
    const std::vector<std::string> off = log_.switched_off(), settings = log_.settings();
    Answer answer{"switch", off.empty() ? Answered::not_tested : Answered::in_part, off};
    if (off.empty()) answer.sentences.push_back(text("switch.open"));
    if (!settings.empty()) answer.sentences.push_back(text("switch.settings", {{"list", listed(settings, 20)}}));
    return answer;
  }

  Answer more() const {
    return {"more", Answered::in_part, {coverage_in_short(document_.coverage, say_), text("more.open")}};
  }

  const AuditDocument& document_;
  const Json& json_;
  const bool reveal_;
  const Messages& say_;
  const AnswerSource source_;
  const AnswerLog log_;
  std::vector<Sent> sent_;
  MessageSum sum_;
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
