#include "protocol/text/text_head.h"

#include <algorithm>

#include "protocol/text/text_protocols.h"

namespace tattle {
namespace {

constexpr std::size_t kMostFields = 1024;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool same(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

bool is_method(std::string_view text) {
  return !text.empty() && text.size() <= 20 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; });
}

}  // namespace

const Field* TextHead::field(std::string_view lower_name, std::string_view short_name) const {
  for (const Field& each : fields) {
    if (same(each.name, lower_name) || (!short_name.empty() && same(each.name, short_name))) return &each;
  }
  return nullptr;
}

std::optional<TextHead> read_text_head(std::string_view text, std::string_view version) {
  TextHead head;
  std::size_t at = 0;
  const auto next = [&] {
    const std::size_t feed = text.find('\n', at);
    const std::size_t end = std::min(feed, text.size());
    std::string_view line = text.substr(at, end - at);
    at = feed == std::string_view::npos ? text.size() : feed + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  };
  const std::string_view start = next();
  if (start.starts_with(version)) {
    const std::string_view rest = start.substr(version.size());
    if (rest.size() < 4 || rest[0] != ' ' || !reply_code(rest.substr(1, 4))) return std::nullopt;
    head.status = reply_code(rest.substr(1, 4));
  } else {
    const std::size_t space = start.find(' '), last = start.rfind(' ');
    if (space == std::string_view::npos || space == last || start.substr(last + 1) != version) return std::nullopt;
    head.method = start.substr(0, space);
    head.target = trim(start.substr(space + 1, last - space - 1));
    if (!is_method(head.method) || head.target.empty()) return std::nullopt;
  }
  while (at < text.size() && head.fields.size() < kMostFields) {
    const std::size_t begin = at;
    std::string_view line = next();
    if (line.empty()) {
      head.whole = true;
      break;
    }
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) {
      const std::string_view more = next();
      line = text.substr(begin, static_cast<std::size_t>(more.data() + more.size() - text.data()) - begin);
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    head.fields.push_back({trim(line.substr(0, colon)), trim(line.substr(colon + 1))});
  }
  head.size = at;
  return head;
}

}  // namespace tattle
