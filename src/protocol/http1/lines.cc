#include "protocol/http1/lines.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "protocol/http1/head.h"

namespace tattle {
namespace {

// Methods that senders use (RFC 9110 section 9.3, RFC 5789, RFC 4918 section 9, RFC 3253, RFC 5323): where a body may
// stand as well, any word in capitals could be one of its own.
constexpr std::array<std::string_view, 18> kMethods = {"GET",     "HEAD",  "POST",  "PUT",    "DELETE",   "CONNECT",
                                                       "OPTIONS", "TRACE", "PATCH", "MKCOL",  "PROPFIND", "PROPPATCH",
                                                       "COPY",    "MOVE",  "LOCK",  "UNLOCK", "SEARCH",   "REPORT"};

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

Sniff sniff_method(std::string_view text) {
  const auto matches = [&](std::string_view method, bool whole) {
    const std::size_t size = std::min(text.size(), method.size() + 1);
    return (text.size() > method.size()) == whole &&
           text.substr(0, size) == (std::string(method) + ' ').substr(0, size);
  };
  const auto any = [&](bool whole) {
    return std::any_of(kMethods.begin(), kMethods.end(), [&](std::string_view each) { return matches(each, whole); });
  };
  return any(true) ? Sniff::yes : any(false) ? Sniff::maybe : Sniff::no;
}

// What stands behind the first line, up to the empty one or the end of what is there.
struct FieldLines {
  std::size_t whole = 0;
  bool others = false;  // a line that is no field
  bool host = false;
};

FieldLines field_lines(std::string_view text) {
  FieldLines seen;
  for (std::size_t at = text.find('\n') + 1, end = 0; (end = text.find('\n', at)) != std::string_view::npos;
       at = end + 1) {
    const std::string_view line = text.substr(at, end + 1 - at);
    if (is_empty_line(line)) break;
    const std::size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon == 0 || colon == std::string_view::npos || !std::all_of(name.begin(), name.end(), is_name_char)) {
      seen.others = true;
      break;
    }
    ++seen.whole;
    seen.host |= has_token(name, "host");
  }
  return seen;
}

}  // namespace

std::size_t through_line_feed(Bytes data, bool& ended) {
  const void* feed = std::memchr(data.data(), '\n', data.size());
  ended = feed != nullptr;
  return ended ? static_cast<std::size_t>(static_cast<const std::uint8_t*>(feed) - data.data()) + 1 : data.size();
}

bool is_empty_line(std::string_view line) { return line == "\n" || line == "\r\n"; }

std::string_view last_line(std::string_view head, std::size_t from) {
  const std::size_t before = head.size() < 2 ? std::string_view::npos : head.rfind('\n', head.size() - 2);
  return head.substr(before == std::string_view::npos || before + 1 < from ? from : before + 1);
}

std::optional<std::uint64_t> parse_chunk_size(std::string_view line) {
  std::uint64_t size = 0;
  std::size_t digits = 0;
  for (; digits < line.size(); ++digits) {
    const char c = line[digits];
    int value = 0;
    if (c >= '0' && c <= '9') {
      value = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      value = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      value = c - 'A' + 10;
    } else {
      break;
    }
    if (size >> 59 != 0) return std::nullopt;
    size = size << 4 | static_cast<std::uint64_t>(value);
  }
  if (digits == 0) return std::nullopt;
  const std::size_t next = line.find_first_not_of(" \t", digits);
  const bool ends = next == std::string_view::npos || line[next] == ';' || line[next] == '\r' || line[next] == '\n';
  return ends ? std::optional(size) : std::nullopt;
}

Sniff sniff_next_request(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  const Sniff method = sniff_method(text);
  if (method != Sniff::yes) return method;
  const Sniff line = sniff_request_line(bytes);
  if (line != Sniff::yes) return line;
  std::size_t at = text.find('\n') + 1;
  const std::size_t name = at;
  while (at < text.size() && is_name_char(text[at])) ++at;
  if (at == text.size()) return Sniff::maybe;
  if (at == name || text[at] != ':') return Sniff::no;
  return text.find('\n', at) == std::string_view::npos ? Sniff::maybe : Sniff::yes;
}

bool is_request_for_host(Bytes bytes) {
  if (sniff_next_request(bytes) != Sniff::yes) return false;
  const FieldLines fields = field_lines(as_text(bytes));
  return fields.host && !fields.others;
}

bool is_response_head(Bytes bytes) {
  if (bytes.empty() || bytes[0] != 'H' || sniff_status_line(bytes) != Sniff::yes) return false;
  const FieldLines fields = field_lines(as_text(bytes));
  return fields.whole > 0 && !fields.others;
}

}  // namespace tattle
