#include <algorithm>
#include <string>

#include "decode/decoders.h"
#include "decode/format/mime.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

constexpr std::size_t kLongestBoundary = 70;  // RFC 2046 section 5.1.1

// The next delimiter line at or behind `from`: `--boundary` at the start of a line.
std::size_t find_delimiter(std::string_view text, std::string_view delimiter, std::size_t from) {
  for (std::size_t at = text.find(delimiter, from); at != std::string_view::npos; at = text.find(delimiter, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') return at;
  }
  return std::string_view::npos;
}

}  // namespace

bool declared_multipart(const MediaType& type) { return type.essence.starts_with("multipart/"); }

bool sniff_multipart(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  if (!text.starts_with("--")) return false;
  std::size_t at = 0;
  const std::string_view line = next_mime_line(text.substr(0, 2 * kLongestBoundary), at);
  return line.size() > 4 && line.size() <= kLongestBoundary + 2 && line.find(' ') == std::string_view::npos &&
         equal_ignoring_case(text.substr(at, 8), "content-");
}

// RFC 2046 section 5.1, RFC 7578. Lines may end in LF alone.
bool open_multipart(Walker& walker, const Value& value, const MediaType& type) {
  const std::string_view text = as_text(value.bytes);
  std::string delimiter = "--" + std::string(type.parameter("boundary"));
  if (delimiter.size() == 2) {
    if (!sniff_multipart(value.bytes)) return false;
    std::size_t at = 0;
    delimiter = next_mime_line(text, at);
  }
  std::size_t at = find_delimiter(text, delimiter, 0);
  if (at == std::string_view::npos) return false;
  while (true) {
    at += delimiter.size();
    if (text.substr(at, 2) == "--") return true;
    next_mime_line(text, at);
    const std::size_t end = find_delimiter(text, delimiter, at);
    std::string_view part = text.substr(at, end == std::string_view::npos ? text.size() - at : end - at);
    if (end != std::string_view::npos) {
      // The line end in front of a delimiter belongs to it.
      if (part.ends_with('\n')) part.remove_suffix(1);
      if (part.ends_with('\r')) part.remove_suffix(1);
    }
    if (!open_mime_entity(walker, value, part, "multipart")) return true;
    if (end == std::string_view::npos) {
      walker.note("decode.cut-multipart");
      return true;
    }
    at = end;
  }
}

}  // namespace tattle
