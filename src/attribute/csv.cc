#include "attribute/csv.h"

namespace tattle {

void split_csv_line(std::string_view line, std::vector<std::string>& fields, char separator) {
  fields.clear();
  std::size_t at = 0;
  while (true) {
    std::string field;
    if (at < line.size() && line[at] == '"') {
      for (++at; at < line.size(); ++at) {
        if (line[at] != '"') {
          field.push_back(line[at]);
        } else if (at + 1 < line.size() && line[at + 1] == '"') {
          field.push_back(line[++at]);
        } else {
          ++at;
          break;
        }
      }
    }
    const std::size_t comma = line.find(separator, at);
    field.append(line.substr(at, comma == std::string_view::npos ? comma : comma - at));
    fields.push_back(std::move(field));
    if (comma == std::string_view::npos) return;
    at = comma + 1;
  }
}

bool next_line(std::string_view& text, std::string_view& line) {
  if (text.empty()) return false;
  const std::size_t end = text.find('\n');
  line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return true;
}

}  // namespace tattle
