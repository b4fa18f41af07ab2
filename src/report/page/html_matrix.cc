#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "assess/message_sums.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/words.h"

namespace tattle {
namespace {

constexpr std::size_t kColumns = 18;  // more would not fit a page; the rest shares the last one

struct Cell {
  std::uint64_t count = 0;
  bool clear = false, unknown = false, verified = false, hashed_only = true;
  std::string first_id;
};

struct Matrix {
  std::vector<std::string> data;        // rows, gravest first
  std::vector<std::string> recipients;  // columns, likewise
  std::map<std::pair<std::string, std::string>, Cell> cells;
};

std::string column_label(const DisclosureReport& each, const Page& page) {
  std::string label = recipient_label(each.recipient, page.reveal, page.messages);
  if (each.role != Role::destination) label += fmt::format(" ({})", page.messages.word("role", to_string(each.role)));
  return label;
}

Matrix build(const Page& page) {
  const AuditDocument& document = page.document;
  Matrix matrix;
  std::vector<std::string> ranked;  // by the gravest disclosure of each
  std::set<std::string> known;
  for (const DisclosureReport& each : document.disclosures) {
    if (each.direction != Travel::sent) continue;
    std::string label = column_label(each, page);
    if (known.insert(label).second) ranked.push_back(std::move(label));
  }
  const std::string others = page.messages.text(
      "matrix.others", {{"count", std::to_string(ranked.size() - std::min(ranked.size(), kColumns - 1))}});
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    if (ranked.size() > kColumns && i >= kColumns - 1) {
      matrix.recipients.push_back(others);
      break;
    }
    matrix.recipients.push_back(ranked[i]);
  }
  const auto column_of = [&](const DisclosureReport& each) {
    std::string column = column_label(each, page);
    return std::find(matrix.recipients.begin(), matrix.recipients.end(), column) == matrix.recipients.end() ? others
                                                                                                            : column;
  };
  for (const DisclosureReport& each : document.disclosures) {
    if (each.direction != Travel::sent) continue;
    const std::string column = column_of(each);
    if (std::find(matrix.data.begin(), matrix.data.end(), each.datum) == matrix.data.end())
      matrix.data.push_back(each.datum);
    Cell& cell = matrix.cells[{each.datum, column}];
    // Verified ones stand first; a number never mixes the two certainties.
    if (cell.verified && each.certainty == Certainty::inferred) continue;
    if (cell.first_id.empty()) cell.first_id = each.id;
    cell.clear |= each.transport == Protection::clear;
    cell.unknown |= each.transport == Protection::unknown;
    cell.verified |= each.certainty == Certainty::verified;
    cell.hashed_only &= each.form != "plain" && each.form != "host-name";
  }
  using Place = std::tuple<std::string, std::string, Certainty>;
  const auto sums = message_sums<Place>(document, [&](const DisclosureReport& each, std::vector<Place>& keys) {
    if (each.direction == Travel::sent) keys.emplace_back(each.datum, column_of(each), each.certainty);
  });
  for (auto& [place, cell] : matrix.cells) {
    const Certainty certainty = cell.verified ? Certainty::verified : Certainty::inferred;
    if (const auto found = sums.find({place.first, place.second, certainty}); found != sums.end())
      cell.count = found->second.messages;
  }
  return matrix;
}

std::string cell_html(const Cell& cell, const std::string& datum, const std::string& recipient, const Messages& say) {
  const char* css = !cell.verified ? "inferred" : cell.clear ? "clear" : cell.unknown ? "unknown" : "closed";
  const char* how = cell.clear ? "clear" : cell.unknown ? "unknown" : "closed";
  std::string spoken = say.text("matrix.cell", {{"datum", datum_label(datum, say)},
                                                {"recipient", recipient},
                                                {"times", say.counted("count.messages", cell.count)},
                                                {"how", say.text(fmt::format("matrix.cell.{}", how))}});
  if (cell.hashed_only) spoken += say.text("matrix.cell.hashed");
  if (!cell.verified) spoken += say.text("matrix.cell.inferred");
  return fmt::format("<td><a class=\"cell {}\" href=\"#{}\" title=\"{}\" aria-label=\"{}\">{}{}</a></td>", css,
                     cell.first_id, escape_html(spoken), escape_html(spoken), cell.count, cell.hashed_only ? "#" : "");
}

std::string legend(const Matrix& matrix, const Messages& say) {
  const auto item = [&](const char* css, const char* mark, const char* key) {
    return fmt::format("<li><span class=\"cell {}\">{}</span> {}</li>", css, mark, escape_html(say.text(key)));
  };
  std::string html = "<ul class=\"legend\">" + item("clear", "3", "matrix.legend.clear") +
                     item("closed", "3", "matrix.legend.closed") + item("closed", "3#", "matrix.legend.hash") +
                     item("inferred", "3", "matrix.legend.inferred");
  const bool unknown = std::any_of(matrix.cells.begin(), matrix.cells.end(),
                                   [](const auto& each) { return each.second.unknown && !each.second.clear; });
  if (unknown) html += item("unknown", "3", "matrix.legend.unknown");
  return html + "</ul>\n";
}

}  // namespace

std::string matrix_section(const Page& page) {
  const Messages& say = page.messages;
  std::string html = "<section id=\"matrix\">\n" + element("h2", "", say.text("matrix.title")) + "\n";
  const Matrix matrix = build(page);
  if (matrix.cells.empty()) return html + element("p", "", say.text("matrix.none")) + "</section>\n";
  html += element("p", "soft", say.text("matrix.note")) + legend(matrix, say);
  html += element("p", "soft hint-narrow", say.text("matrix.scroll"));
  html += fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"matrix\"><thead><tr>"
      "<th scope=\"col\">{}</th>",
      escape_html(say.text("matrix.label")), escape_html(say.text("matrix.datum")));
  for (const std::string& recipient : matrix.recipients) {
    html += fmt::format("<th scope=\"col\" class=\"host\"><span>{}</span></th>", escape_html(recipient));
  }
  html += "</tr></thead><tbody>\n";
  for (const std::string& datum : matrix.data) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", escape_html(datum_label(datum, say)));
    for (const std::string& recipient : matrix.recipients) {
      auto found = matrix.cells.find({datum, recipient});
      html += found == matrix.cells.end() ? "<td></td>" : cell_html(found->second, datum, recipient, say);
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n</section>\n";
}

}  // namespace tattle
