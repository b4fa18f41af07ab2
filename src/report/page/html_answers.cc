#include <fmt/format.h>

#include "report/answers.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"

namespace tattle {

std::string answers_section(const Page& page) {
  const Messages& say = page.messages;
  std::string html = "<section id=\"answers\">\n" + element("h2", "", say.text("answers.title")) + "\n" +
                     element("p", "soft", say.text("answers.note")) + "\n<dl class=\"answers\">\n";
  for (const Answer& answer : answers_of(page.document, page.json, page.reveal, say)) {
    const std::string_view state = to_string(answer.answered);
    html += fmt::format("<div class=\"{1}\"><dt>{0} <span class=\"state {1}\">{2}</span></dt><dd>",
                        escape_html(say.text(fmt::format("answers.{}.question", answer.question))), state,
                        escape_html(say.text(fmt::format("answers.state.{}", state))));
    for (const std::string& sentence : answer.sentences) html += element("p", "", sentence);
    html += "</dd></div>\n";
  }
  return html + "</dl>\n</section>\n";
}

}  // namespace tattle
