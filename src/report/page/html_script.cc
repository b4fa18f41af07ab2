#include <fmt/format.h>
#include <openssl/evp.h>
#include <unicode/region.h>

#include <array>
#include <set>

#include "report/page/html_parts.h"
#include "report/utf8.h"

namespace tattle {

std::string_view report_script();  // build/web/report.js, embedded; empty where it was not built

namespace {

using Json = nlohmann::ordered_json;

// JSON in a script element: `<` ends or opens nothing when it is written as an escape, and the two line separators that
// old engines took for line ends are escaped too.
std::string island(const char* id, std::string_view json) {
  std::string html = fmt::format("<script type=\"application/json\" id=\"{}\">", id);
  html.reserve(html.size() + json.size() + json.size() / 64 + 16);
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '<') {
      html += "\\u003c";
    } else if (json.substr(i, 3) == "\xE2\x80\xA8" || json.substr(i, 3) == "\xE2\x80\xA9") {
      html += json[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      html += json[i];
    }
  }
  return html + "</script>\n";
}

// ISO 3166-1 numeric codes of the countries met, by which the map knows them.
Json numeric_codes(const AuditDocument& document) {
  std::set<std::string> codes;
  for (const DisclosureReport& each : document.disclosures) codes.insert(each.recipient.country);
  for (const ContactReport& each : document.recipients) codes.insert(each.recipient.country);
  Json numbers = Json::object();
  for (const std::string& code : codes) {
    if (code.size() != 2) continue;
    UErrorCode error = U_ZERO_ERROR;
    const icu::Region* region = icu::Region::getInstance(code.c_str(), error);
    if (U_SUCCESS(error) && region) numbers[code] = fmt::format("{:03}", region->getNumericCode());
  }
  return numbers;
}

std::string dumped(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string script_policy() {
  const std::string_view script = report_script();
  if (script.empty()) return {};
  std::array<std::uint8_t, 32> digest{};
  EVP_Digest(script.data(), script.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return fmt::format("script-src 'sha256-{}'; img-src data:; ", to_base64(digest));
}

std::string script_part(const Page& page) {
  const std::string_view script = report_script();
  if (script.empty()) return {};
  std::string html = island("audit", dumped(page.json));
  html += island("messages", page.messages.catalogue());
  html += island("sentences", page.messages.sentences());
  html += island("countries", dumped(numeric_codes(page.document)));
  return html + fmt::format("<script>{}</script>\n", script);
}

}  // namespace tattle
