#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "attribute/actions/action_rows.h"
#include "attribute/csv.h"
#include "detect/subject/datum.h"

namespace tattle {
namespace {

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

void check_header(const SubjectSource& source, int line, const std::vector<std::string>& header) {
  std::vector<std::string_view> known(action_fields().begin(), action_fields().end());
  known.insert(known.end(), {"from", "until"});
  for (auto each = header.begin(); each != header.end(); ++each) {
    if (std::find(known.begin(), known.end(), *each) == known.end()) {
      const std::string_view near = nearest_word(*each, known);
      source.fail(line, each->empty() ? "column" : *each,
                  near.empty()
                      ? fmt::format("is not known here; the first line names columns: {}", fmt::join(known, ", "))
                      : fmt::format("is not known here; did you mean '{}'?", near));
    }
    if (std::find(header.begin(), each, *each) != each) source.fail(line, *each, "stands twice; keep one of them");
  }
}

}  // namespace

void read_csv_rows(const SubjectSource& source, std::string_view text, ActionDefaults& defaults, const TakeRow& take) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> header, fields;
  char separator = ',';
  std::string_view line;
  for (int number = 1; next_line(text, line); ++number) {
    if (line.find_first_not_of(" \t,;") == line.npos) continue;
    if (std::count(line.begin(), line.end(), '"') % 2 != 0) {
      source.fail(number, "quotes", "are not closed on this line; a text must stay on one line, else write YAML");
    }
    // Where the comma is for decimals, spreadsheets put semicolons between columns.
    if (header.empty() && line.find(',') == line.npos) separator = ';';
    split_csv_line(line, fields, separator);
    std::transform(fields.begin(), fields.end(), fields.begin(), trimmed);
    if (header.empty()) {
      header = fields;
      check_header(source, number, header);
      continue;
    }
    if (fields.size() > header.size()) {
      source.fail(number, "columns", "are more than the first line names; put a text that holds commas in quotes");
    }
    ActionRow row;
    row.line = number;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!fields[i].empty()) row.cells.emplace(header[i], ActionRow::Cell{std::move(fields[i]), number});
    }
    read_span(source, row, defaults);
    // A line may hold nothing else.
    const bool spans = row.cells.erase("from") + row.cells.erase("until") > 0;
    if (!spans || row.cells.size() > row.cells.count("timezone")) take(row);
  }
  if (header.empty()) source.fail(1, "file", "is empty; its first line names the columns: time,action,asked,granted");
}

}  // namespace tattle
