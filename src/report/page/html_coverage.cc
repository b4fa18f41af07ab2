#include <fmt/format.h>

#include <algorithm>

#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/words.h"

namespace tattle {
namespace {

constexpr Fate kFates[] = {Fate::read,         Fate::searched_raw, Fate::opaque,
                           Fate::other_device, Fate::unread,       Fate::framing};

// No style attributes under the policy: widths are drawn.
std::string bar(const CoverageReport& coverage, const Messages& say) {
  const double total = static_cast<double>(std::max<std::uint64_t>(coverage.bytes, 1));
  std::string rects, legend;
  double x = 0;
  for (const Fate fate : kFates) {
    const double share = static_cast<double>(coverage.bytes_of(fate)) / total;
    if (share <= 0) continue;
    const std::string_view name = to_string(fate);
    const std::string label =
        escape_html(say.text(fmt::format("coverage.fate.{}", name)) + " " + readable_share(share, say));
    rects += fmt::format(
        "<rect class=\"fate-{}\" x=\"{:.2f}\" y=\"0\" width=\"{:.2f}\" height=\"24\"><title>{}</title></rect>", name,
        x * 1000, share * 1000, label);
    x += share;
    legend += fmt::format("<li><span class=\"swatch fate-{}\"></span>{}</li>", name, label);
  }
  return fmt::format(
      "<svg viewBox=\"0 0 1000 24\" width=\"100%\" height=\"24\" preserveAspectRatio=\"none\" role=\"img\" "
      "aria-label=\"{}\">{}</svg><ul class=\"legend\">{}</ul>\n",
      escape_html(say.text("coverage.shares")), rects, legend);
}

}  // namespace

std::string coverage_section(const Page& page) {
  const CoverageReport& coverage = page.document.coverage;
  const Messages& say = page.messages;
  std::string html = "<section id=\"coverage\">\n" + element("h2", "", say.text("coverage.title")) + "\n";
  html += element("p", "",
                  say.text("coverage.captured", {{"size", readable_size(coverage.bytes, say)},
                                                 {"units", counted_units(coverage, say)},
                                                 {"flows", say.counted("count.flows", coverage.flows)},
                                                 {"messages", say.counted("count.messages", coverage.messages)}}));
  html += bar(coverage, say) + "<ul class=\"plain\">";
  for (const std::string& sentence : coverage_sentences(coverage, say)) html += element("li", "", sentence);
  html += "</ul>\n" + element("h3", "", say.text("blind.title")) + "\n<ul class=\"plain\">";
  for (const std::string& sentence : blind_spots(say)) html += element("li", "", sentence);
  return html + "</ul>\n</section>\n";
}

}  // namespace tattle
