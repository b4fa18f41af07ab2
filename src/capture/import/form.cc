#include "capture/import/form.h"

#include <fmt/format.h>

#include <algorithm>

namespace tattle {
namespace {

std::string boundary_of(std::string_view media_type) {
  if (media_type.find("multipart/") == std::string_view::npos) return {};
  const auto at = media_type.find("boundary=");
  if (at == std::string_view::npos) return {};
  std::string_view rest = media_type.substr(at + 9);
  if (!rest.empty() && rest.front() == '"') return std::string(rest.substr(1, rest.find('"', 1) - 1));
  return std::string(rest.substr(0, rest.find_first_of("; \t")));
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

// Parameters are kept decoded by some programs, encoded by others: only what would end one is encoded, and a percent
// sign that begins no escape. A space or a letter beyond ASCII shows that it was decoded: then a plus sign is one.
std::string escape(std::string_view text, bool name) {
  const bool decoded =
      std::any_of(text.begin(), text.end(), [](char c) { return c == ' ' || static_cast<unsigned char>(c) >= 0x80; });
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool stray = c == '%' && !(i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]));
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&' || (c == '+' && decoded) || (c == '=' && name) || stray || byte < 0x20) {
      escaped += fmt::format("%{:02X}", byte);
    } else {
      escaped += c == ' ' ? '+' : c;
    }
  }
  return escaped;
}

}  // namespace

FormWriter::FormWriter(std::string_view media_type) : boundary_(boundary_of(media_type)) {}

void FormWriter::add(std::string_view name, std::string_view value, std::string_view file_name,
                     std::string_view media_type) {
  if (boundary_.empty()) {
    if (!text_.empty()) text_ += '&';
    text_ += escape(name, true) + '=' + escape(value, false);
    return;
  }
  text_ += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"", boundary_, name);
  if (!file_name.empty()) text_ += fmt::format("; filename=\"{}\"", file_name);
  if (!media_type.empty()) text_ += fmt::format("\r\nContent-Type: {}", media_type);
  text_ += "\r\n\r\n";
  text_.append(value).append("\r\n");
}

ByteVector FormWriter::finish() {
  if (!boundary_.empty()) text_ += fmt::format("--{}--\r\n", boundary_);
  const Bytes bytes = as_bytes(text_);
  return {bytes.begin(), bytes.end()};
}

}  // namespace tattle
