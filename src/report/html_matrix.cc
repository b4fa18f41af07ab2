#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/words.h"

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

std::string column_label(const DisclosureReport& each, bool reveal) {
  std::string label = recipient_label(each.recipient, reveal);
  if (each.role == Role::proxy) label += " (proxy)";
  if (each.role == Role::resolver) label += " (resolver)";
  return label;
}

Matrix build(const AuditDocument& document, bool reveal) {
  Matrix matrix;
  std::vector<std::string> ranked;  // by the gravest disclosure of each
  for (const DisclosureReport& each : document.disclosures) {
    const std::string label = column_label(each, reveal);
    if (each.direction != Travel::sent || std::find(ranked.begin(), ranked.end(), label) != ranked.end()) continue;
    ranked.push_back(label);
  }
  const std::string others = fmt::format("{} others", ranked.size() - std::min(ranked.size(), kColumns - 1));
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    if (ranked.size() > kColumns && i >= kColumns - 1) {
      matrix.recipients.push_back(others);
      break;
    }
    matrix.recipients.push_back(ranked[i]);
  }
  for (const DisclosureReport& each : document.disclosures) {
    if (each.direction != Travel::sent) continue;
    std::string column = column_label(each, reveal);
    if (std::find(matrix.recipients.begin(), matrix.recipients.end(), column) == matrix.recipients.end())
      column = others;
    if (std::find(matrix.data.begin(), matrix.data.end(), each.datum) == matrix.data.end())
      matrix.data.push_back(each.datum);
    Cell& cell = matrix.cells[{each.datum, column}];
    // Verified ones stand first; a number never mixes the two certainties.
    if (cell.verified && each.certainty == Certainty::inferred) continue;
    if (cell.count == 0) cell.first_id = each.id;
    cell.count += each.count;
    cell.clear |= each.transport == Protection::clear;
    cell.unknown |= each.transport == Protection::unknown;
    cell.verified |= each.certainty == Certainty::verified;
    cell.hashed_only &= each.form != "plain" && each.form != "host-name";
  }
  return matrix;
}

std::string cell_html(const Cell& cell, const std::string& datum, const std::string& recipient) {
  const char* css = !cell.verified ? "inferred" : cell.clear ? "clear" : cell.unknown ? "unknown" : "closed";
  const char* how = cell.clear ? "in clear" : cell.unknown ? "protection unknown" : "encrypted on the way";
  const std::string spoken =
      fmt::format("{} to {}: {}, {}{}{}", datum_label(datum), recipient, counted(cell.count, "time"), how,
                  cell.hashed_only ? ", hashed" : "", cell.verified ? "" : ", inferred");
  return fmt::format("<td><a class=\"cell {}\" href=\"#{}\" title=\"{}\">{}{}</a></td>", css, cell.first_id,
                     escape_html(spoken), cell.count, cell.hashed_only ? "#" : "");
}

}  // namespace

std::string matrix_section(const AuditDocument& document, bool reveal) {
  std::string html = "<section id=\"matrix\">\n<h2>Who got what</h2>\n";
  const Matrix matrix = build(document, reveal);
  if (matrix.cells.empty()) {
    return html + element("p", "", "No planted value was seen leaving the phone in what could be read.") +
           "</section>\n";
  }
  html += element("p", "soft", "How often each kind of data went to each recipient. Every number leads to its proof.");
  html +=
      "<ul class=\"legend\"><li><span class=\"cell clear\">3</span> sent in clear, readable by anyone on the way</li>"
      "<li><span class=\"cell closed\">3</span> encrypted on the way, readable by the recipient</li>"
      "<li><span class=\"cell closed\">3#</span> as a hash only</li>"
      "<li><span class=\"cell inferred\">3</span> inferred from its shape, not planted</li>";
  const bool unknown = std::any_of(matrix.cells.begin(), matrix.cells.end(),
                                   [](const auto& each) { return each.second.unknown && !each.second.clear; });
  if (unknown) {
    html += "<li><span class=\"cell unknown\">3</span> the import does not say whether it was encrypted</li>";
  }
  html += "</ul>\n";
  html +=
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Kinds of data against recipients\">"
      "<table class=\"matrix\"><thead><tr><th scope=\"col\">Kind of data</th>";
  for (const std::string& recipient : matrix.recipients) {
    html += fmt::format("<th scope=\"col\" class=\"host\"><span>{}</span></th>", escape_html(recipient));
  }
  html += "</tr></thead><tbody>\n";
  for (const std::string& datum : matrix.data) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", escape_html(datum_label(datum)));
    for (const std::string& recipient : matrix.recipients) {
      auto found = matrix.cells.find({datum, recipient});
      html += found == matrix.cells.end() ? "<td></td>" : cell_html(found->second, datum, recipient);
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n</section>\n";
}

}  // namespace tattle
