#include <fmt/format.h>

#include <algorithm>

#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/words.h"

namespace tattle {
namespace {

constexpr std::size_t kRows = 300;

std::string cell(const Messages& say, const char* label, std::string_view css, const std::string& html) {
  return fmt::format("<td data-label=\"{}\"{}>{}</td>", escape_html(say.text(label)),
                     css.empty() ? "" : fmt::format(" class=\"{}\"", css), html);
}

std::string ids_html(const ContactReport& contact, const Messages& say) {
  std::string html;
  for (std::size_t i = 0; i < contact.disclosures.size() && i < 6; ++i) {
    html += fmt::format("{0}<a href=\"#{1}\">{1}</a>", i ? " " : "", contact.disclosures[i]);
  }
  if (contact.disclosures.size() > 6) {
    html += " " + say.text("recipients.and-more", {{"count", std::to_string(contact.disclosures.size() - 6)}});
  }
  if (!html.empty()) return html;
  const char* none = contact.opaque_bytes == 0
                         ? contact.raw_bytes == 0 ? "recipients.none" : "recipients.none-understood"
                     : contact.messages == 0 ? "recipients.none-read"
                                             : "recipients.none-part";
  return fmt::format("<span class=\"soft\">{}</span>", escape_html(say.text(none)));
}

std::string who(const RecipientReport& recipient, const Messages& say) {
  if (recipient.local) return say.text("place.local");
  std::string text = recipient.organisation;
  if (!recipient.network.empty()) {
    text +=
        (text.empty() ? "" : ", ") + say.text(recipient.operated_by.empty() ? "card.hosted" : "card.operated",
                                              {{"operator", recipient.operated_by}, {"network", recipient.network}});
  }
  return text.empty() ? say.text("place.unknown") : text;
}

std::string contact_row(const ContactReport& contact, const Page& page) {
  const Messages& say = page.messages;
  std::string roles;
  for (Role role : contact.roles) {
    if (role != Role::destination) roles += fmt::format(" ({})", say.word("role", to_string(role)));
  }
  const double bytes = static_cast<double>(contact.sent_bytes + contact.received_bytes);
  const std::string closed = contact.opaque_bytes == 0 ? escape_html(say.text("recipients.closed.nothing"))
                             : bytes > 0
                                 ? readable_share(std::min(1.0, static_cast<double>(contact.opaque_bytes) / bytes), say)
                                 : escape_html(say.text("recipients.closed.all"));
  std::string html = "<tr>";
  html += cell(say, "recipients.host", "host",
               breakable(escape_html(recipient_label(contact.recipient, page.reveal, say) + roles)));
  html += cell(say, "recipients.run-by", "", escape_html(who(contact.recipient, say)));
  html += cell(say, "recipients.registered", "",
               escape_html(contact.recipient.country.empty() ? say.text("place.unknown")
                                                             : country_name(contact.recipient.country, say)));
  // What went through a proxy's connection is counted there, and is not nothing.
  const bool behind = contact.recipient.addresses.empty() && bytes == 0 && contact.messages > 0;
  const auto size = [&](std::uint64_t count) {
    return escape_html(behind ? say.text("recipients.by-proxy") : readable_size(count, say));
  };
  html += cell(say, "recipients.sent", "number", size(contact.sent_bytes));
  html += cell(say, "recipients.received", "number", size(contact.received_bytes));
  html += cell(say, "recipients.closed", "number", closed);
  html += cell(say, "recipients.disclosures", "", ids_html(contact, say));
  return html + "</tr>\n";
}

std::string head(const Messages& say) {
  std::string html = "<table class=\"wide\"><thead><tr>";
  for (const char* column : {"host", "run-by", "registered", "sent", "received", "closed", "disclosures"}) {
    const std::string_view name = column;
    const bool number = name == "sent" || name == "received" || name == "closed";
    html += fmt::format("<th scope=\"col\"{}>{}</th>", number ? " class=\"number\"" : "",
                        escape_html(say.text(fmt::format("recipients.{}", column))));
  }
  return html + "</tr></thead><tbody>\n";
}

}  // namespace

std::string recipients_section(const Page& page) {
  const AuditDocument& document = page.document;
  const Messages& say = page.messages;
  std::string html = "<section id=\"recipients\">\n" + element("h2", "", say.text("recipients.title")) + "\n";
  html += element("p", "soft", say.text("recipients.note")) + head(say);
  for (std::size_t i = 0; i < document.recipients.size() && i < kRows; ++i) {
    html += contact_row(document.recipients[i], page);
  }
  html += "</tbody></table>\n";
  if (document.recipients.size() > kRows) {
    html += element("p", "notice",
                    say.text("recipients.more", {{"count", std::to_string(document.recipients.size() - kRows)}}));
  }
  for (const CoverageLine& line : document.coverage.lines) {
    if (line.fate != Fate::opaque || line.reason != "encrypted-tunnel") continue;
    html += element("p", "notice", say.text("recipients.tunnel", {{"size", readable_size(line.bytes, say)}}));
  }
  for (const std::string& attribution : document.places.attribution) {
    html += "<p class=\"soft\">" + said_html(say, attribution) + "</p>";
  }
  return html + "</section>\n";
}

}  // namespace tattle
