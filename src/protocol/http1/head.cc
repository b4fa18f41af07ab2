#include "protocol/http1/head.h"

#include <algorithm>
#include <optional>

namespace tattle {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// tchar, RFC 9110 section 5.6.2.
bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// One line without its end; `next` is where the following one begins.
struct Line {
  std::size_t begin = 0, end = 0, next = 0;
  bool bare = false;
};

Line line_at(std::string_view text, std::size_t at) {
  const std::size_t feed = text.find('\n', at);
  Line line{at, text.size(), text.size(), false};
  if (feed != std::string_view::npos) {
    line.end = feed;
    line.next = feed + 1;
    line.bare = feed == at || text[feed - 1] != '\r';
  }
  if (line.end > line.begin && text[line.end - 1] == '\r') --line.end;
  return line;
}

Http1Head::Range range_of(std::string_view whole, std::string_view part) {
  const auto begin = static_cast<std::uint32_t>(part.data() - whole.data());
  return {begin, begin + static_cast<std::uint32_t>(part.size())};
}

void parse_request_line(Http1Head& head, std::string_view text, std::string_view line) {
  head.request = true;
  const std::size_t method_end = line.find(' ');
  const std::size_t version = line.rfind(' ');
  head.method = range_of(text, line.substr(0, std::min(method_end, line.size())));
  if (version == std::string_view::npos || version == method_end) return;
  head.target = range_of(text, trim(line.substr(method_end + 1, version - method_end - 1)));
  head.minor = line.back() - '0';
}

void parse_status_line(Http1Head& head, std::string_view line) {
  // "HTTP/1.d ddd": the sniffing made sure of it.
  if (line.size() < 12) return;
  head.minor = line[7] - '0';
  head.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
}

// Appends the field that starts at `at`; returns where the next line begins.
std::size_t parse_field(Http1Head& head, ByteVector& bytes, std::size_t at, bool trailer, Anomalies& anomalies,
                        PacketId where) {
  const std::string_view text = as_text(bytes);
  Line line = line_at(text, at);
  const std::size_t begin = line.begin;
  std::size_t end = line.end;
  // obs-fold: the value goes on in lines that start with white space (RFC 9112 section 5.2).
  while (line.next < text.size() && is_blank(text[line.next])) {
    anomalies.note("http1.obs-fold", where);
    for (std::size_t i = end; i < line.next; ++i) bytes[i] = ' ';
    line = line_at(text, line.next);
    end = line.end;
  }
  const std::string_view whole = text.substr(begin, end - begin);
  if (whole.empty()) return line.next;
  const std::size_t colon = whole.find(':');
  std::string_view name = whole.substr(0, std::min(colon, whole.size()));
  const std::string_view trimmed = trim(name);
  if (colon != std::string_view::npos && trimmed.size() != name.size()) {
    anomalies.note("http1.space-before-colon", where);
    name = trimmed;
  }
  if (colon == std::string_view::npos || name.empty() || !std::all_of(name.begin(), name.end(), is_token_char)) {
    anomalies.note("http1.bad-field", where);
    return line.next;
  }
  head.fields.push_back({range_of(text, name), range_of(text, trim(whole.substr(colon + 1))), trailer});
  return line.next;
}

// Decimal digits, at most 2^63-1 (RFC 9110 section 8.6).
std::optional<std::uint64_t> parse_length(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  constexpr std::uint64_t kMost = ~std::uint64_t{0} >> 1;
  std::uint64_t value = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (kMost - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

bool equal_lower(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

// Calls `each` with the members of a comma-separated list.
template <class Each>
void for_each_member(std::string_view list, Each&& each) {
  while (true) {
    const std::size_t comma = list.find(',');
    each(trim(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// All Content-Length values of a message: absent, one value, or a contradiction.
struct Length {
  bool present = false, valid = true;
  std::uint64_t value = 0;
};

Length content_length(const Http1Head& head, Bytes bytes) {
  Length length;
  for (const auto& field : head.fields) {
    if (field.trailer || !equal_lower(head.text(bytes, field.name), "content-length")) continue;
    for_each_member(head.text(bytes, field.value), [&](std::string_view member) {
      const auto value = parse_length(member);
      length.valid = length.valid && value && (!length.present || *value == length.value);
      length.present = true;
      if (value) length.value = *value;
    });
  }
  return length;
}

struct TransferCoding {
  bool present = false, chunked_last = false, chunked_before = false;
};

TransferCoding transfer_coding(const Http1Head& head, Bytes bytes) {
  TransferCoding coding;
  for (const auto& field : head.fields) {
    if (field.trailer || !equal_lower(head.text(bytes, field.name), "transfer-encoding")) continue;
    for_each_member(head.text(bytes, field.value), [&](std::string_view member) {
      if (member.empty()) return;
      coding.present = true;
      coding.chunked_before |= coding.chunked_last;
      coding.chunked_last = equal_lower(trim(member.substr(0, member.find(';'))), "chunked");
    });
  }
  return coding;
}

}  // namespace

std::vector<Field> Http1Head::views(Bytes bytes) const {
  std::vector<Field> all;
  all.reserve(fields.size());
  for (const FieldRange& field : fields) {
    all.push_back({text(bytes, field.name), text(bytes, field.value), false, field.trailer});
  }
  return all;
}

Http1Head parse_http1_head(ByteVector& bytes, Anomalies& anomalies, PacketId where) {
  Http1Head head;
  const std::string_view text = as_text(bytes);
  const Line first = line_at(text, 0);
  if (first.bare) anomalies.note("http1.bare-lf", where);
  const std::string_view line = text.substr(first.begin, first.end - first.begin);
  if (line.substr(0, 7) == "HTTP/1.") {
    parse_status_line(head, line);
  } else {
    parse_request_line(head, text, line);
  }
  for (std::size_t at = first.next; at < bytes.size();) at = parse_field(head, bytes, at, false, anomalies, where);
  return head;
}

void parse_http1_trailers(Http1Head& head, ByteVector& bytes, std::size_t from, Anomalies& anomalies, PacketId where) {
  while (from < bytes.size()) from = parse_field(head, bytes, from, true, anomalies, where);
}

BodyEnd http1_body_end(const Http1Head& head, Bytes bytes, std::string_view answered, Anomalies& anomalies,
                       PacketId where) {
  // Rules 1 and 2.
  if (!head.request) {
    if (answered == "HEAD" || head.status / 100 == 1 || head.status == 204 || head.status == 304) return {};
    if (answered == "CONNECT" && head.status / 100 == 2) return {BodyKind::tunnel, 0};
  }
  const TransferCoding coding = transfer_coding(head, bytes);
  const Length length = content_length(head, bytes);
  if (coding.present) {
    if (length.present) anomalies.note("http1.both-lengths", where);  // rule 3
    // Rule 4.
    if (coding.chunked_before || head.minor == 0 || (head.request && !coding.chunked_last)) {
      anomalies.note("http1.bad-coding", where);
    }
    if (coding.chunked_last) return {BodyKind::chunked, 0};
    return {head.request ? BodyKind::unknown : BodyKind::until_close, 0};
  }
  if (length.present && !length.valid) {  // rule 5
    anomalies.note("http1.bad-length", where);
    return {head.request ? BodyKind::unknown : BodyKind::until_close, 0};
  }
  if (length.present) return {length.value > 0 ? BodyKind::length : BodyKind::none, length.value};  // rule 6
  return {head.request ? BodyKind::none : BodyKind::until_close, 0};                                // rules 7 and 8
}

bool has_token(std::string_view value, std::string_view lower_token) {
  bool found = false;
  for_each_member(value, [&](std::string_view member) { found |= equal_lower(member, lower_token); });
  return found;
}

}  // namespace tattle
