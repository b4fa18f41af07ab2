#include "report/page/html_text.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "decode/token/text.h"

namespace tattle {
namespace {

// Characters that change how their neighbours are shown: controls, and marks of direction and format.
bool misleads(UChar32 point) {
  if (point == '\t' || point == '\n') return false;
  const auto type = u_charType(point);
  return type == U_CONTROL_CHAR || type == U_FORMAT_CHAR || type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR;
}

}  // namespace

std::string escape_html(std::string_view text) {
  const std::string clean = to_utf8(as_bytes(text));
  std::string out;
  out.reserve(clean.size() + 16);
  std::size_t at = 0;
  while (at < clean.size()) {
    const std::size_t begin = at;
    UChar32 point = 0;
    U8_NEXT(clean.data(), at, clean.size(), point);
    switch (point) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (misleads(point)) {
          out += fmt::format("[U+{:04X}]", static_cast<unsigned>(point));
        } else {
          out.append(clean, begin, at - begin);
        }
    }
  }
  return out;
}

std::string breakable(const std::string& html) {
  std::string out;
  for (const char each : html) out += each == '.' ? std::string(".<wbr>") : std::string(1, each);
  return out;
}

std::string unbroken_options(const std::string& html) {
  std::string out;
  for (std::size_t at = 0; at < html.size();) {
    const std::size_t begin = std::min(html.find("--", at), html.size());
    out.append(html, at, begin - at);
    std::size_t end = begin;
    while (end < html.size() && (html[end] == '-' || (html[end] >= 'a' && html[end] <= 'z'))) ++end;
    if (end > begin) out += "<span class=\"option\">" + html.substr(begin, end - begin) + "</span>";
    at = end;
  }
  return out;
}

std::string element(std::string_view tag, std::string_view css_class, std::string_view text) {
  if (css_class.empty()) return fmt::format("<{0}>{1}</{0}>", tag, escape_html(text));
  return fmt::format("<{0} class=\"{1}\">{2}</{0}>", tag, css_class, escape_html(text));
}

}  // namespace tattle
