#include <unicode/uchar.h>

#include <cctype>
#include <cmath>
#include <cstdint>

#include "detect/form/spelling.h"
#include "detect/form/text_forms.h"

namespace tattle {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }
bool is_host(char c) { return is_alnum(c) || c == '-' || c == '_'; }

bool letter_before(std::string_view in, std::size_t begin) {
  if (begin == 0) return false;
  const char previous = in[begin - 1];
  if (static_cast<unsigned char>(previous) < 0x80) return is_alnum(previous);
  std::size_t from = begin - 1;
  while (from > 0 && begin - from < 4 && (static_cast<unsigned char>(in[from]) & 0xc0) == 0x80) --from;
  std::size_t at = from;
  const std::int32_t character = next_character(in.substr(0, begin), at);
  return character > 0 && at == begin && u_isalnum(character) != 0;
}

bool letter_after(std::string_view in, std::size_t end) {
  if (end >= in.size()) return false;
  if (static_cast<unsigned char>(in[end]) < 0x80) return is_alnum(in[end]);
  const std::int32_t character = next_character(in, end);
  return character > 0 && u_isalnum(character) != 0;
}

bool digit_before(std::string_view in, std::size_t begin) {
  if (begin == 0) return false;
  if (is_digit(in[begin - 1])) return true;
  return in[begin - 1] == '.' && begin > 1 && is_digit(in[begin - 2]);
}

bool digit_after(std::string_view in, std::size_t end) {
  if (end >= in.size()) return false;
  if (is_digit(in[end])) return true;
  return in[end] == '.' && end + 1 < in.size() && is_digit(in[end + 1]);
}

// Binary formats put a string's length before it and the next field right after: then the edges are known.
bool counted(std::string_view in, std::size_t begin, std::size_t end) {
  if (begin == 0) return false;
  const auto previous = static_cast<unsigned char>(in[begin - 1]);
  return previous == end - begin && previous < 0x80 && std::isspace(previous) == 0;
}

bool email_edges(std::string_view in, std::size_t begin, std::size_t end) {
  if (begin > 0 &&
      (is_alnum(in[begin - 1]) || std::string_view("._+-").find(in[begin - 1]) != std::string_view::npos)) {
    return false;
  }
  if (end >= in.size()) return true;
  if (is_host(in[end])) return false;
  return !(in[end] == '.' && end + 1 < in.size() && is_alnum(in[end + 1]));
}

bool host_edges(std::string_view in, std::size_t begin, std::size_t end) {
  if (begin > 0 && (is_host(in[begin - 1]) || in[begin - 1] == '.')) return false;
  if (end >= in.size()) return true;
  if (is_host(in[end])) return false;
  return !(in[end] == '.' && end + 1 < in.size() && is_host(in[end + 1]));
}

bool url_edges(std::string_view in, std::size_t begin, std::size_t end) {
  if (begin > 0 && (is_host(in[begin - 1]) || in[begin - 1] == '.')) return false;
  if (end >= in.size()) return true;
  if (in[end - 1] != '/' && in[end] == '/') return false;
  if (is_host(in[end]) || in[end] == '~' || in[end] == '%' || in[end] == '/') return false;
  return !(in[end] == '.' && end + 1 < in.size() && is_host(in[end + 1]));
}

bool imei_edges(std::string_view in, std::size_t begin, std::size_t end) {
  if (digit_before(in, begin)) return false;
  std::size_t after = end;
  while (after < in.size() && after < end + 3 && is_digit(in[after])) ++after;
  switch (after - end) {
    case 0:
      return !digit_after(in, end);
    case 1:
      return in[end] == '0' && !digit_after(in, after);
    case 2:
      return !digit_after(in, after);
    default:
      return false;
  }
}

}  // namespace

bool edges_hold(std::string_view in, std::size_t begin, std::size_t end, Edge edge) {
  if (edge == Edge::none || counted(in, begin, end)) return true;
  switch (edge) {
    case Edge::none:
      return true;
    case Edge::digit:
      return !digit_before(in, begin) && !digit_after(in, end);
    case Edge::hex:
      return (begin == 0 || !is_hex(in[begin - 1])) && (end >= in.size() || !is_hex(in[end]));
    case Edge::word:
      // An edge that is not a letter itself needs none.
      return (!letter_after(in, begin) || !letter_before(in, begin)) &&
             (!letter_before(in, end) || !letter_after(in, end));
    case Edge::email:
      return email_edges(in, begin, end);
    case Edge::host:
      return host_edges(in, begin, end);
    case Edge::url:
      return url_edges(in, begin, end);
    case Edge::imei14:
      return imei_edges(in, begin, end);
  }
  return false;
}

double log2_probability(const Spelling& spelling) {
  double bits = 0;
  for (char c : spelling.text) {
    if (is_digit(c)) {
      bits += spelling.edge == Edge::hex ? 4 : std::log2(10);
    } else if (is_alnum(c)) {
      bits += 4;
    } else {
      bits += 5;
    }
  }
  if (spelling.edge != Edge::none) bits += std::log2(static_cast<double>(spelling.text.size()) + 1);
  return -bits;
}

}  // namespace tattle
