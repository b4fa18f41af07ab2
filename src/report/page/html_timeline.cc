#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "report/page/html_actions.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/clock.h"
#include "report/say/words.h"

namespace tattle {
namespace {

constexpr std::size_t kRows = 40;
constexpr std::size_t kMarks = 4000;  // more are a blot
constexpr double kLeft = 250, kRight = 965, kTop = 34, kRow = 24;

struct Row {
  std::string label;
  Time first, last;
  std::uint64_t bytes = 0;
  struct Mark {
    Time time;
    Protection protection;
    bool received, inferred;
    std::string id, text;
  };
  std::vector<Mark> marks;
};

std::vector<Row> build(const Page& page) {
  const AuditDocument& document = page.document;
  const Clock clock(document, page.messages);
  std::map<std::string, Row> rows;
  std::size_t marks = 0;
  for (const ContactReport& contact : document.recipients) {
    if (contact.first.ns == 0) continue;
    const std::string label = recipient_label(contact.recipient, page.reveal, page.messages);
    Row& row = rows[label];
    if (row.label.empty()) row = {label, contact.first, contact.last, 0, {}};
    row.bytes += contact.sent_bytes + contact.received_bytes;
    row.first = std::min(row.first, contact.first);
    row.last = std::max(row.last, contact.last);
  }
  for (const DisclosureReport& each : document.disclosures) {
    const std::string label = recipient_label(each.recipient, page.reveal, page.messages);
    Row& row = rows[label];
    if (row.label.empty()) row = {label, each.first, each.last, 0, {}};
    for (const Evidence& evidence : each.evidence) {
      if (++marks > kMarks) break;
      row.marks.push_back(
          {evidence.time, each.transport, each.direction == Travel::received, each.certainty == Certainty::inferred,
           each.id,
           page.messages.text("timeline.mark",
                              {{"id", each.id},
                               {"datum", datum_label(each.datum, page.messages)},
                               {"direction", page.messages.word("direction", to_string(each.direction))},
                               {"time", clock.second_of_day(evidence.time)},
                               {"zone", clock.zone()}})});
    }
  }
  std::vector<Row> list;
  list.reserve(rows.size());
  for (auto& [label, row] : rows) list.push_back(std::move(row));
  // Rows with proof first when there are too many, then those with most traffic; shown in the order of first contact.
  std::stable_sort(list.begin(), list.end(), [](const Row& a, const Row& b) {
    return std::pair(a.marks.size(), a.bytes) > std::pair(b.marks.size(), b.bytes);
  });
  if (list.size() > kRows) list.resize(kRows);
  std::stable_sort(list.begin(), list.end(), [](const Row& a, const Row& b) { return a.first < b.first; });
  return list;
}

// A round step that gives four to nine ticks.
std::int64_t tick_seconds(double span) {
  for (std::int64_t step :
       {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400}) {
    if (span / static_cast<double>(step) <= 9) return step;
  }
  return static_cast<std::int64_t>(span / 8 / 86400 + 1) * 86400;
}

/// What stands over a tick: the hour, and the day where one begins if there are several.
std::string tick_text(Time at, double span, const Clock& clock) {
  constexpr std::int64_t kDay = 86400'000'000'000;
  if (span < 600) return clock.second_of_day(at);
  if (span < 86400 || clock.local(at).ns % kDay != 0) return clock.minute_of_day(at);
  return span < 300 * 86400.0 ? clock.day_of_year(at) : clock.day(at);
}

// Ticks are at the clock's own round times.
std::string axis(Time from, Time to, double bottom, const Clock& clock) {
  const double span = std::max(1e-9, to.seconds() - from.seconds());
  const std::int64_t step = tick_seconds(span) * 1'000'000'000;
  std::string svg;
  const std::int64_t moved = clock.local(from).ns - from.ns;
  for (std::int64_t at = (from.ns + moved + step - 1) / step * step - moved; at <= to.ns; at += step) {
    const double x = kLeft + (kRight - kLeft) * static_cast<double>(at - from.ns) / 1e9 / span;
    svg += fmt::format(
        "<line class=\"tick\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>"
        "<text class=\"soft\" x=\"{0:.1f}\" y=\"18\" text-anchor=\"middle\">{3}</text>",
        x, kTop - 8, bottom, tick_text(Time{at}, span, clock));
  }
  return svg;
}

template <typename Test>
bool any_mark(const std::vector<Row>& rows, Test test) {
  return std::any_of(rows.begin(), rows.end(),
                     [&](const Row& row) { return std::any_of(row.marks.begin(), row.marks.end(), test); });
}

// Shapes differ as well as colours, and what is only inferred is hollow: on grey paper too nothing is mixed up.
std::string shape(Protection protection, bool received, bool inferred, double x, double y) {
  const char* hollow = inferred ? " inferred" : "";
  if (received) {
    return fmt::format("<path class=\"mark-received{}\" d=\"M{:.1f} {:.1f}l5 9h-10z\"/>", hollow, x, y - 5);
  }
  if (protection == Protection::clear) {
    return fmt::format("<rect class=\"mark-clear{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"9\" height=\"9\"/>", hollow,
                       x - 4.5, y - 4.5);
  }
  if (protection == Protection::unknown) {
    return fmt::format("<path class=\"mark-unknown{}\" d=\"M{:.1f} {:.1f}l5.5 5.5l-5.5 5.5l-5.5 -5.5z\"/>", hollow, x,
                       y - 5.5);
  }
  return fmt::format("<circle class=\"mark-closed{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.8\"/>", hollow, x, y);
}

std::string mark_svg(const Row::Mark& mark, double x, double y) {
  const std::string text = escape_html(mark.text);
  return fmt::format("<a href=\"#{}\" aria-label=\"{}\"><title>{}</title>{}</a>", mark.id, text, text,
                     shape(mark.protection, mark.received, mark.inferred, x, y));
}

std::string legend(const std::vector<Row>& rows, const std::vector<ActionMark>& actions, const Messages& say) {
  const auto item = [&](const std::string& mark, const char* key) {
    return fmt::format("<li><svg width=\"12\" height=\"12\" aria-hidden=\"true\">{}</svg> {}</li>", mark,
                       escape_html(say.text(key)));
  };
  std::string html = "<ul class=\"legend\">" +
                     item(shape(Protection::clear, false, false, 6, 6), "timeline.legend.clear") +
                     item(shape(Protection::tls, false, false, 6, 6), "timeline.legend.closed") +
                     item(shape(Protection::tls, true, false, 6, 6), "timeline.legend.received");
  if (any_mark(rows, [](const Row::Mark& mark) { return mark.protection == Protection::unknown && !mark.received; }))
    html += item(shape(Protection::unknown, false, false, 6, 6), "timeline.legend.unknown");
  if (any_mark(rows, [](const Row::Mark& mark) { return mark.inferred; })) {
    html += item(shape(Protection::tls, false, true, 6, 6), "timeline.legend.inferred");
  }
  if (!actions.empty()) {
    html += item("<line class=\"action\" x1=\"6\" x2=\"6\" y1=\"0\" y2=\"12\"/>", "timeline.legend.action");
  }
  const auto any = [&](auto test) { return std::any_of(actions.begin(), actions.end(), test); };
  if (any([](const ActionMark& mark) { return mark.uncertainty_s > 0; })) {
    html += item("<rect class=\"doubt\" width=\"12\" height=\"12\"/>", "timeline.legend.doubt");
  }
  if (any([](const ActionMark& mark) { return mark.sleep; })) {
    html += item("<rect class=\"sleep\" width=\"12\" height=\"12\"/>", "timeline.legend.sleep");
  }
  return html + "</ul>\n";
}

// Of what time the tester's log speaks, when that is not all of the picture's.
std::string covered(const Page& page) {
  const auto& cover = page.document.log_cover;
  const auto& all = page.document.disclosures;
  if (!cover || std::none_of(all.begin(), all.end(),
                             [](const auto& each) { return each.timing && each.timing->not_covered > 0; }))
    return {};
  const Clock clock(page.document, page.messages);
  return element("p", "soft",
                 page.messages.text(cover->until ? "timeline.cover" : "timeline.cover-on",
                                    {{"from", clock.second(cover->from)},
                                     {"until", cover->until ? clock.second(*cover->until) : ""},
                                     {"zone", clock.zone()}}));
}

}  // namespace

std::string timeline_section(const Page& page) {
  const Messages& say = page.messages;
  const std::vector<Row> rows = build(page);
  if (rows.empty()) return {};
  Time from = rows.front().first, to = rows.front().last;
  for (const Row& row : rows) {
    from = std::min(from, row.first);
    to = std::max(to, row.last);
    for (const Row::Mark& mark : row.marks) {
      from = std::min(from, mark.time);
      to = std::max(to, mark.time);
    }
  }
  const double span = std::max(1e-9, to.seconds() - from.seconds());
  auto place = [&](Time time) {
    return kLeft + (kRight - kLeft) * static_cast<double>(time.ns - from.ns) / 1e9 / span;
  };
  const std::vector<ActionMark> actions = action_marks(page);
  const double rows_height = kRow * static_cast<double>(rows.size());
  const ActionsDrawing drawing = draw_actions(actions, from, to, kLeft, kRight, kTop, rows_height);
  const double bottom = kTop + drawing.height + rows_height;
  std::string html = "<section id=\"timeline\">\n" + element("h2", "", say.text("timeline.title")) + "\n";
  html += element("p", "soft",
                  say.text("timeline.note", {{"zone", Clock(page.document, say).zone_and_ground()}}) +
                      (page.document.recipients.size() > rows.size() ? " " + say.text("timeline.most") : ""));
  html += covered(page);
  html += legend(rows, actions, say);
  html += fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><svg class=\"timeline\" "
      "viewBox=\"0 0 1000 {:.0f}\" role=\"group\" aria-label=\"{}\">{}",
      escape_html(say.text("timeline.label")), bottom + 6, escape_html(say.text("timeline.picture")),
      drawing.behind + axis(from, to, bottom, Clock(page.document, say)));
  double y = kTop + drawing.height + kRow / 2;
  for (const Row& row : rows) {
    const std::string label = row.label.size() > 34
                                  ? row.label.substr(0, 16) + "\u2026" + row.label.substr(row.label.size() - 16)
                                  : row.label;
    html += fmt::format("<text x=\"{:.0f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", kLeft - 12, y + 4,
                        escape_html(label));
    html += fmt::format(
        "<line class=\"rail\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke-width=\"3\" "
        "stroke-linecap=\"round\"/>",
        place(row.first), std::max(place(row.last), place(row.first) + 1), y, y);
    // What is drawn last lies on top: what is only inferred lies under what is verified, and beside it.
    for (const auto& [inferred, received] : {std::pair(true, true), {true, false}, {false, true}, {false, false}}) {
      const double beside = inferred ? -7 : received ? 7 : 0;
      for (const Row::Mark& mark : row.marks) {
        if (mark.inferred == inferred && mark.received == received)
          html += mark_svg(mark, place(mark.time), y + beside);
      }
    }
    y += kRow;
  }
  return html + "</svg></div>\n" + actions_table(page) + "</section>\n";
}

}  // namespace tattle
