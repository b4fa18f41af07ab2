#include "report/page/html_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/page/html_text.h"
#include "report/say/words.h"

namespace tattle {

const Json& action_at(const Json& audit, const Json& index) {
  static const Json none;
  const Json& actions = member(audit, "actions");
  const std::size_t at = index.is_number_unsigned() ? index.get<std::size_t>() : std::size_t(-1);
  return actions.is_array() && at < actions.size() ? actions[at] : none;
}

std::string action_label(const Json& audit, const Json& index, const Messages& say) {
  const Json& action = action_at(audit, index);
  // The tester's words have hyphens for blanks; those of the catalogues mean theirs.
  const auto words = [&](const char* name) {
    std::string text = text_in(action, name);
    std::replace(text.begin(), text.end(), '-', ' ');
    return text;
  };
  std::string label = words("action");
  // `switch-off` alone does not say what.
  if (const std::string setting = setting_label(text_in(action, "setting"), say); !setting.empty()) {
    label = label.empty() ? setting : label + " (" + setting + ")";
  }
  for (const char* name : {"trigger", "app"}) {
    if (label.empty()) label = words(name);
  }
  for (const char* name : {"asked", "granted", "refused", "told", "told-elsewhere"}) {
    const std::string data = text_in(action, name);
    if (label.empty() && !data.empty())
      label = say.text(fmt::format("timeline.action.{}", name), {{"what", data_labels(data, say)}});
  }
  return label.empty() ? "?" : label;
}

bool is_sleep(const Json& action) {
  const Json& rest = member(action, "rest");
  return rest.is_boolean() && rest.get<bool>();
}

std::string said_html(const Messages& messages, std::string_view english) {
  if (english.empty()) return {};
  const Messages::Said said = messages.said(english);
  if (!said.foreign) return escape_html(said.text);
  return "<span lang=\"en\">" + escape_html(said.text) + "</span>";
}

std::string fact_row(const Messages& messages, const char* term, const std::string& html) {
  return html.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>", escape_html(messages.text(term)), html);
}

}  // namespace tattle
