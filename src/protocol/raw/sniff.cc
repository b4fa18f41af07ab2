#include "protocol/raw/sniff.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace tattle {
namespace {

constexpr std::size_t kLongestMethod = 24;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_method_char(char c) { return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' || c == '_'; }
bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

Sniff match_prefix(Bytes start, std::string_view wanted) {
  if (start.empty()) return Sniff::maybe;
  const std::size_t size = std::min(start.size(), wanted.size());
  if (std::memcmp(start.data(), wanted.data(), size) != 0) return Sniff::no;
  return size == wanted.size() ? Sniff::yes : Sniff::maybe;
}

}  // namespace

Sniff sniff_request_line(Bytes start) {
  std::string_view text = as_text(start);
  const std::size_t first = text.find_first_not_of("\r\n");
  if (first == std::string_view::npos) return text.size() > 8 ? Sniff::no : Sniff::maybe;
  if (first > 8) return Sniff::no;
  text.remove_prefix(first);
  std::size_t method = 0;
  while (method < text.size() && is_method_char(text[method])) ++method;
  if (method > kLongestMethod || is_digit(text[0])) return Sniff::no;
  if (method == text.size()) return Sniff::maybe;
  if (method < 3 || text[method] != ' ' || text.substr(0, method) == "PRI") return Sniff::no;
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string_view::npos) {
    const std::string_view looked = text.substr(0, 256);
    const bool binary = std::any_of(looked.begin(), looked.end(), [](char c) { return is_control(c) && c != '\r'; });
    return binary ? Sniff::no : Sniff::maybe;
  }
  std::string_view line = text.substr(0, line_end);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  constexpr std::string_view kVersion = " HTTP/1.";
  if (line.size() < method + 1 + 1 + kVersion.size() + 1 || !is_digit(line.back())) return Sniff::no;
  if (line.substr(line.size() - kVersion.size() - 1, kVersion.size()) != kVersion) return Sniff::no;
  return std::any_of(line.begin(), line.end(), is_control) ? Sniff::no : Sniff::yes;
}

Sniff sniff_status_line(Bytes start) {
  std::string_view text = as_text(start);
  const std::size_t first = text.find_first_not_of("\r\n");
  if (first == std::string_view::npos) return text.size() > 8 ? Sniff::no : Sniff::maybe;
  if (first > 8) return Sniff::no;
  text.remove_prefix(first);
  constexpr std::string_view kShape = "HTTP/1.d ddd";
  for (std::size_t i = 0; i < std::min(text.size(), kShape.size()); ++i) {
    if (kShape[i] == 'd' ? !is_digit(text[i]) : text[i] != kShape[i]) return Sniff::no;
  }
  if (text.size() <= kShape.size()) return Sniff::maybe;
  const char next = text[kShape.size()];
  return next == ' ' || next == '\r' || next == '\n' ? Sniff::yes : Sniff::no;
}

Sniff sniff_http1(Bytes start) {
  const Sniff request = sniff_request_line(start);
  return request == Sniff::yes ? request : std::max(request, sniff_status_line(start));
}

Sniff sniff_http2_preface(Bytes start) { return match_prefix(start, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"); }

Sniff sniff_http2_settings(Bytes start) {
  constexpr int kShape[] = {0, -1, -1, 4, 0, 0, 0, 0, 0};
  for (std::size_t i = 0; i < std::size(kShape); ++i) {
    if (i >= start.size()) return Sniff::maybe;
    if (kShape[i] >= 0 && start[i] != kShape[i]) return Sniff::no;
  }
  return (start[1] << 8 | start[2]) % 6 == 0 ? Sniff::yes : Sniff::no;
}

Sniff sniff_client_hello(Bytes start) {
  // type 22, version 3.x, length, handshake type 1, length, version 3.x (RFC 8446 sections 4, 4.1.2 and 5.1)
  constexpr int kShape[] = {22, 3, -1, -1, -1, 1, 0, -1, -1, 3, -1};
  for (std::size_t i = 0; i < std::size(kShape); ++i) {
    if (i >= start.size()) return Sniff::maybe;
    if (kShape[i] >= 0 && start[i] != kShape[i]) return Sniff::no;
  }
  return Sniff::yes;
}

bool looks_like_quic(Bytes datagram) {
  if (datagram.size() < 7 || (datagram[0] & 0x80) == 0) return false;
  std::uint32_t version = 0;
  for (std::size_t i = 1; i <= 4; ++i) version = version << 8 | datagram[i];
  if (version == 0) return true;  // version negotiation: the other bits of the first byte are arbitrary
  const bool known = version == 1 || version == 0x6b3343cf || version >> 8 == 0xff0000 ||
                     (version >> 24 >= 'Q' && version >> 24 <= 'T' && (version >> 16 & 0xff) == '0') ||
                     (version & 0x0f0f0f0f) == 0x0a0a0a0a;
  return known;
}

}  // namespace tattle
