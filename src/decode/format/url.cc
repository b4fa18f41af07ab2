#include <algorithm>

#include "decode/decoders.h"
#include "decode/pairs.h"
#include "decode/token/text.h"

namespace tattle {
namespace {

constexpr std::size_t kLongestUrl = 64 << 10;
constexpr std::size_t kShortestSegment = 8;

void open_segments(Walker& walker, const Value& value, std::string_view path, bool all) {
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    at = end + 1;
    if (segment.empty()) continue;
    if (!all && segment.size() < kShortestSegment && segment.find('%') == std::string_view::npos) continue;
    if (!walker.part(value, "path", nullptr, as_bytes(segment), [&](const Value& leaf) { walker.open_leaf(leaf); })) {
      return;
    }
  }
}

}  // namespace

bool sniff_url(Bytes bytes) {
  const std::string_view text = as_text(bytes);
  if (!text.starts_with("http") || text.size() > kLongestUrl) return false;
  if (!text.starts_with("http://") && !text.starts_with("https://")) return false;
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '<' || c == '>' || c == '\x7f';
  });
}

// RFC 3986 section 3. The parts are ranges of the URL; its escapes are undone in each.
void open_url_parts(Walker& walker, const Value& value, Bytes range, bool all_segments) {
  std::string_view text = as_text(range);
  const auto scheme = text.find("://");
  if (scheme != std::string_view::npos && scheme < text.find_first_of("/?#")) {
    const auto authority = text.substr(scheme + 3);
    text = authority.substr(std::min(authority.find_first_of("/?#"), authority.size()));
  }
  const std::size_t path_end = std::min(text.find_first_of("?#"), text.size());
  open_segments(walker, value, text.substr(0, path_end), all_segments);
  text = text.substr(path_end);
  if (text.starts_with('?')) {
    const std::size_t query_end = std::min(text.find('#'), text.size());
    open_pairs(walker, value, "query", as_bytes(text.substr(1, query_end - 1)));
    text = text.substr(query_end);
  }
  // Tokens are handed to pages in the fragment.
  if (text.starts_with('#')) open_pairs(walker, value, "query", as_bytes(text.substr(1)));
}

bool open_url(Walker& walker, const Value& value, const MediaType&) {
  open_url_parts(walker, value, value.bytes, false);
  return true;
}

}  // namespace tattle
