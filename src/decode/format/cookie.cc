#include <algorithm>

#include "decode/pairs.h"
#include "decode/token/text.h"

namespace tattle {

// RFC 6265 sections 4.1.1 and 4.2.1.
void open_cookies(Walker& walker, const Value& value, bool only_first) {
  const std::string_view text = as_text(value.bytes);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(';', at), text.size());
    const std::string_view cookie = trim(text.substr(at, end - at));
    at = end + 1;
    const auto equals = cookie.find('=');
    const TextDetail name(equals == std::string_view::npos ? std::string_view() : trim(cookie.substr(0, equals)));
    const std::string_view inside = equals == std::string_view::npos ? cookie : trim(cookie.substr(equals + 1));
    if (!inside.empty() &&
        !walker.part(value, "cookie", &name, as_bytes(inside), [&](const Value& leaf) { walker.open_leaf(leaf); })) {
      return;
    }
    if (only_first) return;
  }
}

}  // namespace tattle
