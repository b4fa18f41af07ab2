#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tattle {

/// Cuts one line of CSV into its fields, without the quotes (RFC 4180; a quoted field ends with its line).
/// Fields that need no unquoting could be views, but holders with commas are quoted: all are copied.
void split_csv_line(std::string_view line, std::vector<std::string>& fields, char separator = ',');

/// Takes the next line off `text`, without its line end; false at the end.
bool next_line(std::string_view& text, std::string_view& line);

}  // namespace tattle
