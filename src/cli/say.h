#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace tattle {

/// Text for a person on one line: control characters, as in a file's name, must neither break it nor steer the
/// terminal (C0, DEL, and C1 as UTF-8 writes it).
inline std::string one_line(std::string_view text) {
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1) ++i;
    line += c1 || byte < 0x20 || byte == 0x7f ? ' ' : text[i];
  }
  return line;
}

/// Whether standard output is a terminal that should get colours (https://no-color.org: set and not empty forbids).
inline bool wants_colours() {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) && !(no_color && *no_color) && !(terminal && std::string_view(terminal) == "dumb");
}

inline void say_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) fmt::print(stderr, "tattle: warning: {}\n", one_line(warning));
}

}  // namespace tattle
