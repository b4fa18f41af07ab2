#include "protocol/text/text_protocols.h"

#include <algorithm>

#include "protocol/text/line_connection.h"

namespace tattle {

std::optional<int> reply_code(std::string_view line) {
  if (line.size() < 3) return std::nullopt;
  const auto code = decimal(line.substr(0, 3));
  if (!code || (line.size() > 3 && line[3] != ' ' && line[3] != '-')) return std::nullopt;
  return static_cast<int>(*code);
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  if (text.empty() || text.size() > 18) return std::nullopt;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::uint16_t port_of(const StreamStart& start) {
  return start.context.via == Via::tunnel ? start.context.tunnel_port : start.flow.server.port;
}

bool may_be_lines(const StreamStart& start) {
  constexpr std::size_t kLooked = 64;
  for (const Bytes bytes : start.bytes) {
    for (const std::uint8_t byte : bytes.first(std::min(bytes.size(), kLooked))) {
      if (byte == '\n') break;
      if (byte < 0x20 && byte != '\t' && byte != '\r') return false;
    }
  }
  return true;
}

std::optional<std::string_view> first_line(const StreamStart& start, Direction direction) {
  constexpr std::size_t kLongest = 1024;
  const std::string_view text = as_text(start.bytes[index(direction)]);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    if (text.size() < kLongest && (start.more[index(direction)] || text.empty())) return std::nullopt;
    return text;
  }
  return text.substr(0, end > 0 && text[end - 1] == '\r' ? end - 1 : end);
}

bool is_any_of(std::uint16_t port, std::initializer_list<std::uint16_t> ports) {
  return std::find(ports.begin(), ports.end(), port) != ports.end();
}

bool begins_with_command(std::string_view line, std::string_view words) {
  const std::string verb = upper_word(first_word(line).word);
  if (verb.empty()) return false;
  while (!words.empty()) {
    const FirstWord next = first_word(words);
    if (next.word == verb) return true;
    words = next.rest;
  }
  return false;
}

bool contains_ignoring_case(std::string_view text, std::string_view upper) {
  return upper_word(text).find(upper) != std::string::npos;
}

}  // namespace tattle
