#include "report/page/html_actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "report/page/html_json.h"
#include "report/page/html_text.h"
#include "report/say/clock.h"
#include "report/say/words.h"

namespace tattle {
namespace {

constexpr std::size_t kActions = 500;
constexpr std::size_t kLanes = 9;  // of labels above the picture; what finds no room there has its number only
constexpr double kLane = 14, kChar = 6.4;

std::optional<Time> time_in(const Json& action) { return parse_rfc3339(text_in(action, "time")); }

// Greedy: each label in the first lane that is free where it begins. Those near the right edge end at their mark.
struct Lanes {
  std::array<double, kLanes> end{};
  double right;
  std::size_t used = 0;

  struct Room {
    std::size_t lane;
    bool ends;  // the label ends at the mark
  };
  std::optional<Room> find(double x, double width) {
    const bool ends = x + width > right + 30;
    const double begin = ends ? x - width : x;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      if (end[lane] > begin) continue;
      end[lane] = begin + width + 8;
      used = std::max(used, lane + 1);
      return Room{lane, ends};
    }
    return std::nullopt;
  }
};

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "on" : "off";
  if (!value.is_object()) return value.is_null() ? std::string() : value.dump();
  std::string text;
  for (const auto& [name, one] : value.items()) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", name, value_text(one));
  }
  return text;
}

// A label of the picture, its characters whole.
std::string shortened(std::string label) {
  constexpr std::size_t kLongest = 44;
  if (label.size() <= kLongest) return label;
  label.resize(kLongest);
  while (!label.empty() && (static_cast<unsigned char>(label.back()) & 0xc0) == 0x80) label.pop_back();
  if (!label.empty() && static_cast<unsigned char>(label.back()) >= 0xc0) label.pop_back();
  return label + "\u2026";
}

// Setting and answers, and the photograph of the screen by its hash.
std::string details_text(const Json& action, const Messages& say) {
  std::string text = setting_label(value_text(member(action, "setting")), say);
  for (const char* name :
       {"app", "default", "asked", "granted", "refused", "told", "told-elsewhere", "recipient", "trigger"}) {
    std::string value = value_text(member(action, name));
    if (value.empty()) continue;
    const std::string_view field(name);
    if (field == "default") {
      value = say.word("state", value);
    } else if (field != "app" && field != "trigger") {
      value = data_labels(value, say);
    }
    text += (text.empty() ? "" : "; ") + say.text(fmt::format("timeline.action.{}", name), {{"what", value}});
  }
  const Json& screen = member(action, "screen");
  if (const std::string words = text_in(screen, "text"); !words.empty()) {
    text += (text.empty() ? "" : "; ") + say.text("timeline.action.screen", {{"text", words}});
  }
  if (const std::string hash = text_in(screen, "sha256"); !hash.empty()) {
    text += (text.empty() ? "" : "; ") + say.text("timeline.action.photo", {{"hash", hash.substr(0, 16)}});
  }
  return text;
}

}  // namespace

std::vector<ActionMark> action_marks(const Page& page) {
  const Json& actions = member(page.json, "actions");
  std::vector<ActionMark> marks;
  if (!actions.is_array()) return marks;
  for (std::size_t i = 0; i < actions.size() && i < kActions; ++i) {
    const auto time = time_in(actions[i]);
    if (!time) continue;
    marks.push_back({i + 1, *time, number_in(actions[i], "uncertainty-s"),
                     shortened(action_label(page.json, Json(i), page.messages)), is_sleep(actions[i]),
                     Time{INT64_MAX}});
  }
  std::stable_sort(marks.begin(), marks.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  for (std::size_t i = 0; i + 1 < marks.size(); ++i) marks[i].until = marks[i + 1].time;
  return marks;
}

ActionsDrawing draw_actions(const std::vector<ActionMark>& marks, Time from, Time to, double left, double right,
                            double top, double rows_height) {
  const double span = std::max(1e-9, to.seconds() - from.seconds());
  const auto place = [&](double seconds) {
    return std::clamp(left + (right - left) * (seconds - from.seconds()) / span, left, right);
  };
  Lanes lanes{{}, right};
  struct Label {
    const ActionMark* mark;
    double x;
    std::optional<Lanes::Room> room;
  };
  std::vector<Label> labels;
  ActionsDrawing drawing;
  for (const ActionMark& mark : marks) {
    if (mark.time < from || to < mark.time) continue;
    const double x = place(mark.time.seconds());
    const double width = kChar * static_cast<double>(mark.label.size() + std::to_string(mark.number).size() + 2);
    labels.push_back({&mark, x, lanes.find(x, width)});
  }
  drawing.height = kLane * static_cast<double>(lanes.used);
  const double bottom = top + drawing.height + rows_height, rows = top + drawing.height;
  for (const ActionMark& mark : marks) {
    if (!mark.sleep || mark.until < from || to < mark.time) continue;
    const double x = place(mark.time.seconds()), end = place(mark.until.seconds());
    drawing.behind +=
        fmt::format("<rect class=\"sleep\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>", x, rows - 8,
                    std::max(1.0, end - x), bottom - rows + 8);
  }
  for (const Label& label : labels) {
    const ActionMark& mark = *label.mark;
    const double begin = place(mark.time.seconds() - mark.uncertainty_s);
    const double width = place(mark.time.seconds() + mark.uncertainty_s) - begin;
    const double y = label.room ? top - 6 + kLane * static_cast<double>(label.room->lane) : rows - 8;
    drawing.behind += fmt::format(
        "<rect class=\"doubt\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>"
        "<line class=\"action\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
        begin, rows - 8, width, bottom - rows + 8, label.x, label.x, y, bottom);
  }
  // Over all the lines, so that none of them crosses a name.
  for (const Label& label : labels) {
    if (!label.room) continue;
    const double y = top - 6 + kLane * static_cast<double>(label.room->lane);
    drawing.behind += fmt::format(
        "<text class=\"action\" x=\"{:.1f}\" y=\"{:.1f}\"{}>{} {}</text>", label.x + (label.room->ends ? -3 : 3), y + 5,
        label.room->ends ? " text-anchor=\"end\"" : "", label.mark->number, escape_html(label.mark->label));
  }
  return drawing;
}

std::string actions_table(const Page& page) {
  const Json& actions = member(page.json, "actions");
  if (!actions.is_array() || actions.empty()) return {};
  const Messages& say = page.messages;
  std::string html =
      fmt::format("<details class=\"actions\"><summary>{} ({})</summary><table class=\"stacked\"><thead><tr>",
                  escape_html(say.text("timeline.actions")), actions.size());
  const Clock clock(page.document, say);
  for (const char* column : {"number", "time", "what", "settings"}) {
    html += fmt::format("<th scope=\"col\">{}</th>",
                        escape_html(say.text(fmt::format("timeline.action.{}", column), {{"zone", clock.zone()}})));
  }
  html += "</tr></thead><tbody>\n";
  for (std::size_t i = 0; i < actions.size() && i < kActions; ++i) {
    const auto at = time_in(actions[i]);
    std::string time = at ? clock.second(*at) : text_in(actions[i], "time");
    // The setting has a column of its own.
    std::string done = text_in(actions[i], "action");
    std::replace(done.begin(), done.end(), '-', ' ');
    if (done.empty()) done = action_label(page.json, Json(i), page.messages);
    const double doubt = number_in(actions[i], "uncertainty-s");
    if (doubt > 0) time += fmt::format(" \u00b1{} s", say.number(doubt, doubt == std::floor(doubt) ? 0 : 1));
    html += fmt::format("<tr id=\"A{0}\"><td>{0}</td><td>{1}</td><td>{2}</td><td>{3}</td></tr>\n", i + 1,
                        escape_html(time), escape_html(done), escape_html(details_text(actions[i], say)));
  }
  html += "</tbody></table></details>\n";
  if (actions.size() > kActions) {
    html += element("p", "soft", say.text("recipients.more", {{"count", std::to_string(actions.size() - kActions)}}));
  }
  return html;
}

}  // namespace tattle
