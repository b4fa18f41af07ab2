#include "capture/import/har_scan.h"

#include <algorithm>

namespace tattle {
namespace {

constexpr std::size_t kStep = 64 << 10;
constexpr std::size_t kLongestName = 256;

bool is_space(std::uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

// The next byte that is not white space, not consumed; -1 at the end.
int HarScanner::peek_token() {
  while (true) {
    const Bytes here = window_.peek(1);
    if (here.empty()) {
      cut_ = true;
      return -1;
    }
    const auto found = std::find_if_not(here.begin(), here.end(), is_space);
    window_.skip(static_cast<std::size_t>(found - here.begin()));
    if (found != here.end()) return *found;
  }
}

bool HarScanner::take(char wanted) {
  if (peek_token() != wanted) return false;
  window_.skip(1);
  return true;
}

// A member's name, or a short text: escapes stay as they are. Longer ones are cut.
bool HarScanner::take_string(std::string& text) {
  text.clear();
  if (!take('"')) return false;
  while (true) {
    const Bytes here = window_.peek(1);
    if (here.empty()) {
      cut_ = true;
      return false;
    }
    const char c = static_cast<char>(here[0]);
    window_.skip(1);
    if (c == '"') return true;
    if (text.size() < kLongestName) text += c;
    if (c != '\\') continue;
    const Bytes escaped = window_.peek(1);
    if (!escaped.empty()) window_.skip(1);
  }
}

// Finds the end of the object or array that starts here. With `keep` its bytes stay in the window, unless it is over
// the limit.
bool HarScanner::cut_out(bool keep, std::size_t& size, bool& too_large) {
  std::size_t at = 0;
  std::size_t depth = 0;
  bool in_string = false, escaped = false;
  too_large = false;
  while (true) {
    const Bytes here = window_.peek(std::max(at + 1, keep && !too_large ? at * 2 : 1));
    if (here.size() <= at) {
      cut_ = true;
      return false;
    }
    for (; at < here.size(); ++at) {
      const std::uint8_t c = here[at];
      if (in_string) {
        if (escaped) {
          escaped = false;
        } else if (c == '\\') {
          escaped = true;
        } else if (c == '"') {
          in_string = false;
        }
      } else if (c == '"') {
        in_string = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && --depth == 0) {
        size = at + 1;
        return true;
      }
    }
    if (keep && at <= limits_.import_entry_bytes) continue;
    too_large = keep;
    window_.skip(at);
    at = 0;
  }
}

bool HarScanner::skip_value() {
  const int c = peek_token();
  std::string ignored;
  if (c == '"') return take_string(ignored);
  if (c == '{' || c == '[') {
    std::size_t size = 0;
    bool too_large = false;
    if (!cut_out(false, size, too_large)) return false;
    window_.skip(size);
    return true;
  }
  // A number or a word.
  bool some = false;
  while (true) {
    const Bytes here = window_.peek(1);
    if (here.empty()) {
      cut_ = true;
      return false;
    }
    if (here[0] == ',' || here[0] == '}' || here[0] == ']' || is_space(here[0])) return some;
    some = true;
    window_.skip(1);
  }
}

HarScanner::Start HarScanner::start() {
  const Bytes mark = window_.peek(3);
  if (as_text(mark).starts_with("\xEF\xBB\xBF")) window_.skip(3);
  if (!take('{')) return Start::not_har;
  const auto failed = [this] { return cut_ ? Start::cut : Start::not_har; };
  std::string name;
  bool in_log = false;
  while (true) {
    take(',');
    if (!take_string(name) || !take(':')) return failed();
    if (!in_log && name == "log") {
      if (!take('{')) return failed();
      in_log = true;
    } else if (in_log && name == "entries") {
      return take('[') ? Start::ok : failed();
    } else if (in_log && name == "version" && peek_token() == '"') {
      if (!take_string(version_)) return failed();
    } else if (!skip_value()) {
      return failed();
    }
  }
}

// What follows the list: the other members of `log` and of the whole.
bool HarScanner::skip_members() {
  std::string name;
  for (int open = 2; open > 0;) {
    if (take('}')) {
      --open;
    } else if (!take(',') || !take_string(name) || !take(':') || !skip_value()) {
      return false;
    }
  }
  return true;
}

HarScanner::Step HarScanner::next(Bytes& entry) {
  if (ended_) return cut_ ? Step::cut : Step::end;
  window_.skip(used_);
  used_ = 0;
  const int before = peek_token();
  if (before == ',' && !first_) window_.skip(1);
  first_ = false;
  const int c = peek_token();
  begin_ = window_.offset();
  if (c == ']') {
    window_.skip(1);
    ended_ = true;
    // Whatever keeps the end from holding together, the file is not whole.
    if (!skip_members()) cut_ = true;
    return cut_ ? Step::cut : Step::end;
  }
  if (c != '{') {
    // Something that is no entry. Where not even a value stands, the place is lost.
    if (c < 0 || c == '}' || c == ',' || c == ':' || !skip_value()) {
      ended_ = cut_ = true;
      return Step::cut;
    }
    return Step::no_object;
  }
  std::size_t size = 0;
  bool too_large = false;
  if (!cut_out(true, size, too_large)) {
    ended_ = true;
    return Step::cut;
  }
  if (too_large) {
    window_.skip(size);
    return Step::too_large;
  }
  used_ = size;
  entry = window_.peek(size).first(size);
  return Step::entry;
}

}  // namespace tattle
