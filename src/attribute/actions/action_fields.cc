#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "attribute/actions/action_rows.h"
#include "attribute/actions/time_zone.h"
#include "attribute/file_digest.h"
#include "decode/token/text.h"
#include "detect/subject/datum.h"

namespace tattle {
namespace {

constexpr std::array<std::string_view, 16> kFields{
    "time",    "timezone", "uncertainty-s", "action",         "app",     "setting", "default",     "asked",
    "granted", "refused",  "told",          "told-elsewhere", "trigger", "screen",  "screen-text", "recipient"};
constexpr std::size_t kMostText = 16384;  // bytes of one field
constexpr double kMostSeconds = 86400;

/// Understands the cells of one row.
class RowReader {
 public:
  RowReader(const SubjectSource& source, const ActionRow& row) : source_(source), row_(row) {}

  std::string text(std::string_view field) const {
    const auto found = row_.cells.find(field);
    if (found == row_.cells.end()) return {};
    const std::string& text = found->second.text;
    if (text.size() > kMostText) fail(field, fmt::format("is longer than {} bytes; shorten it", kMostText));
    if (!is_utf8(as_bytes(text))) fail(field, "is not UTF-8; save the file as UTF-8");
    const auto control = [](unsigned char c) { return (c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f; };
    if (std::any_of(text.begin(), text.end(), control)) fail(field, "holds a control character; write it without");
    return text;
  }

  Time time(ActionDefaults& defaults) const {
    if (text("time").empty()) fail("time", "is missing; write one such as 2012-11-26T18:21:40+02:00");
    return moment("time", defaults);
  }

  Time moment(std::string_view field, ActionDefaults& defaults) const {
    const std::string written = text(field);
    const auto parsed = parse_local_time(written);
    if (!parsed) {
      fail(field, fmt::format("'{}' is no date with a time of day; write it as 2012-11-26T18:21:40+02:00", written));
    }
    std::string zone = text("timezone");
    if (!zone.empty() && !is_time_zone(zone)) {
      fail("timezone", fmt::format("'{}' is no time zone; write +02:00 or a name such as Europe/Helsinki", zone));
    }
    const auto read_from = [&](Time local, Time utc) {
      defaults.offsets_s.insert(static_cast<std::int32_t>((local.ns - utc.ns) / 1'000'000'000));
      return utc;
    };
    if (parsed->zone) {
      const auto local = parse_local_time(std::string_view(written).substr(0, written.find_first_of("Zz+-", 11)));
      return read_from(local ? local->time : parsed->time, parsed->time);
    }
    if (zone.empty()) zone = defaults.timezone;
    if (zone.empty()) {
      fail(field, fmt::format("'{}' has no time zone; write +02:00 or Z behind it, or `timezone: Europe/Helsinki` "
                              "above the actions (in CSV: a column timezone)",
                              written));
    }
    const auto moved = from_zone(parsed->time, zone);
    if (!moved) {
      fail(field, fmt::format("'{}' was twice or never in {}, where clocks were changed; write +02:00 or Z behind it",
                              written, zone));
    }
    return read_from(parsed->time, *moved);
  }

  std::vector<std::string> data(std::string_view field) const {
    std::vector<std::string> words = list(field);
    for (const std::string& word : words) {
      if (find_datum(word) == nullptr) fail(field, unknown_datum(word));
    }
    return words;
  }

  // Each once, in order.
  std::vector<std::string> list(std::string_view field) const {
    std::vector<std::string> words;
    const std::string all = text(field);
    for (std::size_t at = 0; at <= all.size();) {
      const std::size_t end = std::min(all.find_first_of(",;", at), all.size());
      std::string word = all.substr(at, end - at);
      at = end + 1;
      word.erase(0, word.find_first_not_of(" \t\r\n"));
      word.erase(word.find_last_not_of(" \t\r\n") + 1);
      if (word.empty() || std::find(words.begin(), words.end(), word) != words.end()) continue;
      words.push_back(std::move(word));
    }
    return words;
  }

  std::string usual() const {
    std::string word = text("default");
    if (!word.empty() && word != "on" && word != "off" && word != "pre-ticked") {
      fail("default", fmt::format("'{}' is none of on, off and pre-ticked", word));
    }
    return word;
  }

  double uncertainty(double usual) const {
    const std::string written = text("uncertainty-s");
    return written.empty() ? usual : seconds_of(source_, line("uncertainty-s"), "uncertainty-s", written);
  }

  void read_screen(Action& action) const {
    const std::string written = text("screen");
    if (written.empty()) return;
    const std::filesystem::path path = std::filesystem::path(source_.folder) / written;
    std::error_code error;
    std::optional<FileDigest> digest;
    if (std::filesystem::is_regular_file(path, error)) digest = digest_file(path.string());
    if (!digest) fail("screen", fmt::format("'{}' cannot be read; put the photograph beside the log", written));
    action.screen = path.string();
    action.screen_sha256 = digest->sha256;
  }

  [[noreturn]] void fail(std::string_view field, std::string_view what) const {
    source_.fail(line(field), field, what);
  }

 private:
  int line(std::string_view field) const {
    const auto found = row_.cells.find(field);
    return found == row_.cells.end() ? row_.line : found->second.line;
  }

  static std::string unknown_datum(const std::string& word) {
    std::vector<std::string_view> words;
    for (const DatumRule& rule : all_data()) words.push_back(rule.word);
    const std::string_view near = nearest_word(word, words);
    return near.empty() ? fmt::format(
                              "'{}' is no kind of data; write the subject file's words, such as location, and "
                              "what else was asked in action",
                              word)
                        : fmt::format("'{}' is no kind of data; did you mean '{}'?", word, near);
  }

  const SubjectSource& source_;
  const ActionRow& row_;
};

}  // namespace

std::span<const std::string_view> action_fields() { return kFields; }

double seconds_of(const SubjectSource& source, int line, std::string_view field, std::string_view text) {
  double value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0 && value <= kMostSeconds)) {
    source.fail(line, field,
                fmt::format("'{}' is no number of seconds from 0 to {:.0f}; write 2 or 0.5", text, kMostSeconds));
  }
  return value;
}

void read_span(const SubjectSource& source, const ActionRow& row, ActionDefaults& defaults) {
  const RowReader reader(source, row);
  for (auto [field, into] : {std::pair("from", &defaults.from), std::pair("until", &defaults.until)}) {
    if (!row.cells.contains(field)) continue;
    const Time time = reader.moment(field, defaults);
    if (*into && **into != time) reader.fail(field, "stands twice, with different times; keep one of them");
    *into = time;
  }
  if (defaults.from && defaults.until && *defaults.until <= *defaults.from) {
    reader.fail("until", "is not after from; check both");
  }
}

Action action_of(const SubjectSource& source, const ActionRow& row, ActionDefaults& defaults) {
  const RowReader reader(source, row);
  Action action;
  action.line = row.line;
  action.time = reader.time(defaults);
  action.uncertainty_s = reader.uncertainty(defaults.uncertainty_s);
  action.action = reader.text("action");
  action.app = reader.text("app");
  action.setting = reader.text("setting");
  action.usual = reader.usual();
  action.trigger = reader.text("trigger");
  action.asked = reader.data("asked");
  action.granted = reader.data("granted");
  action.refused = reader.data("refused");
  action.told = reader.data("told");
  action.told_elsewhere = reader.data("told-elsewhere");
  action.recipients = reader.list("recipient");
  action.screen_text = reader.text("screen-text");
  reader.read_screen(action);
  for (const std::string& datum : action.granted) {
    if (std::find(action.refused.begin(), action.refused.end(), datum) != action.refused.end()) {
      reader.fail("refused", fmt::format("'{}' is granted on the same line; keep one of them", datum));
    }
  }
  if (!action.usual.empty() && action.setting.empty() && action.asked.empty()) {
    reader.fail("default", "says nothing of its own; name the setting, or what was asked, beside it");
  }
  if (!action.recipients.empty() && action.asked.empty() && action.granted.empty() && action.refused.empty() &&
      action.told.empty() && action.told_elsewhere.empty()) {
    reader.fail("recipient", "says nothing of its own; name beside it which data were asked for, granted or told of");
  }
  const auto nothing = [](const auto&... each) { return (each.empty() && ...); };
  if (nothing(action.action, action.app, action.setting, action.trigger, action.asked, action.granted, action.refused,
              action.told, action.told_elsewhere, action.screen_text, action.screen)) {
    reader.fail("action", "is missing; say what was done, asked, granted, refused, told or set at that time");
  }
  return action;
}

}  // namespace tattle
