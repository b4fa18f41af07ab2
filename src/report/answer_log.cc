#include "report/answer_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "assess/message_sums.h"
#include "report/say/words.h"

namespace tattle {
namespace {

constexpr std::size_t kListed = 8;     // pairs of a kind of data and its recipient in one sentence
constexpr std::size_t kSentences = 6;  // of one kind in one answer

std::string seconds(double value, const Messages& say) {
  const int digits = value >= 100 ? 0 : value >= 1 ? 1 : 3;
  return say.number(value, digits);
}

bool switches_off(const std::string& setting) {
  const auto colon = setting.rfind(':');
  if (colon == setting.npos) return false;
  const std::string state = setting.substr(setting.find_first_not_of(' ', colon + 1) == setting.npos
                                               ? setting.size()
                                               : setting.find_first_not_of(' ', colon + 1));
  return state == "off" || state == "Off" || state == "OFF" || state == "no" || state == "false";
}

}  // namespace

std::string AnswerLog::text(std::string_view key, Messages::Values values) const {
  return say_.text("answers." + std::string(key), values);
}

std::string AnswerLog::listed(const std::vector<std::string>& names) const {
  std::string result;
  for (std::size_t i = 0; i < std::min(names.size(), kListed); ++i) result += (i ? "; " : "") + names[i];
  if (names.size() > kListed) result += " " + text("and-more", {{"count", std::to_string(names.size() - kListed)}});
  return result;
}

std::string AnswerLog::what(const DisclosureReport& disclosure) const {
  return text("pair", {{"datum", datum_label(disclosure.datum, say_)},
                       {"who", recipient_label(disclosure.recipient, reveal_, say_)}});
}

// The log's words: of a prompt or screen what it said, else what was done.
std::string AnswerLog::action(std::size_t index) const {
  if (index >= document_.actions.size()) return "?";
  const ActionReport& line = document_.actions[index];
  std::string number = fmt::format("A{}", index + 1);
  for (const Shown* each : {&line.screen_text, &line.trigger, &line.setting, &line.action, &line.app}) {
    if (!each->empty()) return fmt::format("{}: \u201c{}\u201d", number, each->text(reveal_));
  }
  return number;
}

const DisclosureReport* AnswerLog::find(const std::string& id) const {
  const auto found = std::find_if(document_.disclosures.begin(), document_.disclosures.end(),
                                  [&](const DisclosureReport& each) { return each.id == id; });
  return found == document_.disclosures.end() ? nullptr : &*found;
}

std::vector<std::string> AnswerLog::told() const {
  std::map<Told, std::size_t> places;
  // Of each pair of data and recipient the most that any of its disclosures has: they may lie in the same messages.
  using Pairs = std::vector<std::pair<std::string, std::uint64_t>>;
  std::map<std::pair<PermissionState, std::size_t>, Pairs> early;
  std::size_t all = 0;
  for (const DisclosureReport& each : document_.disclosures) {
    if (!is_told(each) || !each.told) continue;
    ++all;
    ++places[each.told->told];
    if (!each.permission) continue;
    const PermissionState state = each.permission->state;
    if (state != PermissionState::before_granted && state != PermissionState::after_refused &&
        state != PermissionState::before_first_prompt)
      continue;
    Pairs& pairs = early[{state, each.permission->action}];
    const std::string name = what(each);
    const auto same = std::find_if(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == name; });
    if (same == pairs.end()) {
      pairs.emplace_back(name, each.permission->count);
    } else {
      same->second = std::max(same->second, each.permission->count);
    }
  }
  if (all == 0) return {};
  std::vector<std::string> sentences{text("told.of", {{"all", std::to_string(all)}})};
  for (const auto& [told, key] :
       std::initializer_list<std::pair<Told, const char*>>{{Told::at_a_screen, "told.at-a-screen"},
                                                           {Told::elsewhere, "told.elsewhere"},
                                                           {Told::mentioned, "told.mentioned"},
                                                           {Told::asked, "told.asked"},
                                                           {Told::mentioned_elsewhere, "told.mentioned-elsewhere"},
                                                           {Told::not_as_far_as_recorded, "told.not"}}) {
    if (const auto found = places.find(told); found != places.end()) {
      sentences.push_back(text(key, {{"count", std::to_string(found->second)}}));
    } else if (told == Told::at_a_screen) {
      sentences.push_back(text("told.at-no-screen"));
    }
  }
  for (const auto& [key, pairs] : early) {
    const char* sentence = key.first == PermissionState::before_granted  ? "told.before-granted"
                           : key.first == PermissionState::after_refused ? "told.after-refused"
                                                                         : "told.before-first-prompt";
    std::vector<std::string> list;
    for (const auto& [name, count] : pairs) list.push_back(name + " (" + say_.counted("count.times", count) + ")");
    sentences.push_back(text(sentence, {{"action", action(key.second)}, {"list", listed(list)}}));
  }
  return sentences;
}

std::vector<std::string> AnswerLog::switched_off() const {
  std::vector<std::string> sentences;
  for (const SwitchReport& each : document_.switches) {
    if (each.action >= document_.actions.size() || sentences.size() >= kSentences) continue;
    const ActionReport& line = document_.actions[each.action];
    if (!switches_off(line.setting.clear)) continue;
    std::vector<std::string> still;
    for (const SwitchReport::Still& one : each.still) {
      const DisclosureReport* const found = find(one.disclosure);
      if (found == nullptr) continue;
      still.push_back(text("switch.still-one", {{"what", what(*found)},
                                                {"how", protection_label(found->transport, say_)},
                                                {"times", say_.counted("count.times", one.after)},
                                                {"time", clock_.second_of_day(one.first_after)}}));
    }
    const Messages::Values said{{"setting", line.setting.text(reveal_)},
                                {"time", clock_.second_of_day(line.time)},
                                {"list", listed(still)},
                                {"count", std::to_string(each.only_before.size())}};
    sentences.push_back(text(still.empty() ? "switch.none-still" : "switch.still", said));
  }
  if (!sentences.empty()) sentences.push_back(text("switch.no-test"));
  return sentences;
}

std::vector<std::string> AnswerLog::settings() const {
  std::vector<std::string> lines;
  for (const ActionReport& action : document_.actions) {
    if (action.setting.empty()) continue;
    std::string line = clock_.second_of_day(action.time) + " " + setting_label(action.setting.text(reveal_), say_);
    if (!action.usual.empty())
      line += " (" + text("switch.default", {{"state", say_.word("state", action.usual)}}) + ")";
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> AnswerLog::triggers() const {
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < document_.actions.size() && sentences.size() < kSentences; ++i) {
    const ActionReport& line = document_.actions[i];
    if (line.trigger.empty()) continue;
    std::vector<std::string> sent;
    for (const DisclosureReport& each : document_.disclosures) {
      if (!is_told(each) || !each.timing) continue;
      for (const TimingReport::Beside& beside : each.timing->beside) {
        if (beside.action != i) continue;
        sent.push_back(text(beside.count == 1 ? "prompting.after-one" : "prompting.after-some",
                            {{"what", what(each)},
                             {"seconds", seconds(beside.median_s, say_)},
                             {"times", say_.counted("count.times", beside.count)}}));
      }
    }
    const Messages::Values said{
        {"trigger", line.trigger.text(reveal_)}, {"time", clock_.second_of_day(line.time)}, {"list", listed(sent)}};
    if (!sent.empty()) sentences.push_back(text("prompting.pressed", said));
  }
  return sentences;
}

std::vector<std::string> AnswerLog::few_prompted() const {
  std::vector<std::string> sentences;
  for (const DisclosureReport& each : document_.disclosures) {
    if (!is_told(each) || !each.prompting || sentences.size() >= kSentences) continue;
    const PromptingReport& prompting = *each.prompting;
    const Following& found = prompting.following;
    if (prompting.kind != "not-shown" || prompting.tests > 0 || found.followed == 0 || !found.latency) continue;
    const Messages::Values said{{"what", what(each)},
                                {"followed", std::to_string(found.followed)},
                                {"of", std::to_string(found.of)},
                                {"seconds", seconds(found.latency->max, say_)},
                                {"server", prompting.server.text(reveal_)}};
    sentences.push_back(text("prompting.few", said));
  }
  if (!sentences.empty()) {
    sentences.push_back(text(document_.actions.empty() ? "prompting.too-few" : "prompting.too-few-no-trigger"));
  }
  return sentences;
}

}  // namespace tattle
