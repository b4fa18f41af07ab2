#include <fmt/format.h>

#include <cmath>

#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/words.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

// Members that only some audits have: absent or of another type means that nothing is said.
const Json& member(const Json& object, const char* name) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

std::string text_in(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

double number_in(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_number() ? value.get<double>() : 0;
}

std::uint64_t count_in(const Json& object, const char* name) {
  const double value = number_in(object, name);
  return value > 0 && value < 1e15 ? static_cast<std::uint64_t>(value) : 0;
}

std::string short_number(double value, const Messages& say) {
  return say.number(value, value == std::floor(value) ? 0 : 1);
}

std::string lasting(double seconds, const Messages& say) {
  return readable_duration(Time{0}, Time{static_cast<std::int64_t>(std::min(seconds, 1e9) * 1e9)}, say);
}

std::string row(const Messages& say, const char* term, const std::string& html) {
  return html.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>", escape_html(say.text(term)), html);
}

std::string words(const Messages& say, const std::string& kind, const std::string& word) {
  const std::string key = kind + "." + word;
  return say.has(key) ? escape_html(say.text(key)) : std::string();
}

std::string period(const Messages& say, const Json& each) {
  const Json& found = member(each, "period");
  if (!found.is_object()) return {};
  return escape_html(
      say.text("card.period.every", {{"period", lasting(number_in(found, "seconds"), say)},
                                     {"jitter", lasting(number_in(found, "jitter-s"), say)},
                                     {"times", say.counted("count.times", count_in(found, "occurrences"))}}));
}

std::string action_name(const Page& page, const Json& index) {
  const Json& actions = member(page.json, "actions");
  const std::size_t at = index.is_number_unsigned() ? index.get<std::size_t>() : std::size_t(-1);
  if (!actions.is_array() || at >= actions.size()) return "?";
  for (const char* field : {"action", "setting", "trigger", "app"}) {
    if (const std::string text = text_in(actions[at], field); !text.empty()) return text;
  }
  for (const char* field : {"granted", "refused"}) {
    if (const std::string text = text_in(actions[at], field); !text.empty()) return fmt::format("{}: {}", field, text);
  }
  return "?";
}

std::string timing(const Page& page, const Json& each) {
  const Json& found = member(each, "timing");
  const Messages& say = page.messages;
  std::string text;
  if (const std::uint64_t idle = count_in(found, "idle")) {
    text = say.text("card.timing.idle", {{"times", say.counted("count.times", idle)}});
  }
  const Json& all = member(found, "beside");
  if (!all.is_array()) return escape_html(text);
  for (const Json& beside : all) {
    if (!text.empty()) text += "; ";
    text += say.text("card.timing.beside", {{"times", say.counted("count.times", count_in(beside, "count"))},
                                            {"seconds", short_number(number_in(beside, "median-s"), say)},
                                            {"action", action_name(page, member(beside, "action"))}});
  }
  return escape_html(text);
}

std::string prompting(const Messages& say, const Json& each) {
  const Json& found = member(each, "prompting");
  std::string html = words(say, "card.prompting", text_in(found, "kind"));
  if (html.empty()) return {};
  if (const std::uint64_t of = count_in(found, "of")) {
    html +=
        "; " + escape_html(say.text("card.prompting.of", {{"followed", std::to_string(count_in(found, "followed"))},
                                                          {"of", std::to_string(of)},
                                                          {"rate", readable_share(number_in(found, "base-rate"), say)},
                                                          {"p", fmt::format("{:.2g}", number_in(found, "p"))}}));
  }
  if (const Json& latency = member(found, "latency-s"); latency.is_object()) {
    html += "; " +
            escape_html(say.text("card.prompting.latency", {{"median", short_number(number_in(latency, "median"), say)},
                                                            {"min", short_number(number_in(latency, "min"), say)},
                                                            {"max", short_number(number_in(latency, "max"), say)}}));
  }
  return html;
}

std::string permission(const Messages& say, const Json& each) {
  const Json& found = member(each, "permission");
  const std::string key = "card.permission." + text_in(found, "state");
  if (!found.is_object() || !say.has(key)) return {};
  const std::string text = say.text(key, {{"gap", short_number(std::fabs(number_in(found, "gap-s")), say)}});
  const std::uint64_t count = count_in(found, "count"), all = count_in(each, "count");
  if (count == 0 || count >= all) return escape_html(text);
  return escape_html(
      say.text("card.permission.some",
               {{"times", say.counted("count.times", count)}, {"all", std::to_string(all)}, {"what", text}}));
}

std::string told(const Messages& say, const Json& each) {
  std::string html = words(say, "card.told", text_in(each, "told"));
  const std::uint64_t late = count_in(each, "told-late");
  if (!html.empty() && late > 0) {
    html += "; " + escape_html(say.text("card.told.late", {{"times", say.counted("count.times", late)}}));
  }
  return html;
}

std::string of_first(const Messages& say, const Json& each) {
  if (!each.contains("of-first")) return {};
  return escape_html(
      say.text("card.of-first.text", {{"times", say.counted("count.times", count_in(each, "of-first"))}}));
}

std::string distance(const Messages& say, const Json& recipient) {
  const Json& found = member(recipient, "distance");
  if (!found.is_object()) return {};
  if (const std::string why = text_in(found, "withheld"); !why.empty()) {
    return escape_html(say.text("card.distance.withheld", {{"why", why}}));
  }
  std::string html =
      escape_html(say.text("card.distance.within", {{"km", short_number(number_in(found, "within-km"), say)},
                                                    {"rtt", short_number(number_in(found, "rtt-ms"), say)}}));
  std::vector<std::string> not_in;
  if (const Json& codes = member(found, "not-in"); codes.is_array()) {
    for (const Json& code : codes) not_in.push_back(code.get<std::string>());
    html += escape_html(say.text("card.distance.not-in", {{"countries", countries_in(say, not_in)}}));
  }
  if (const std::string ground = text_in(found, "ground"); !ground.empty()) html += "; " + escape_html(ground);
  return html;
}

std::string sourced(const std::string& what, const Json& fact) {
  std::string source = text_in(fact, "source");
  if (const std::string date = text_in(fact, "date"); !date.empty()) source += (source.empty() ? "" : ", ") + date;
  return "<li>" + escape_html(what) +
         (source.empty() ? "" : fmt::format(" <span class=\"soft\">({})</span>", escape_html(source))) + "</li>";
}

std::string covers(const Messages& say, const Json& decision) {
  const std::string what = text_in(decision, "covers");
  const Json& listed = member(decision, "listed");
  if (what == "country") return say.text("card.law.covers.country");
  if (what == "listed-organisation" && listed.is_boolean()) {
    return say.text(listed.get<bool>() ? "card.law.covers.listed" : "card.law.covers.not-listed");
  }
  return say.text("card.law.covers.unknown");
}

std::string law(const Messages& say, const Json& recipient) {
  const Json& found = member(recipient, "law");
  std::string items;
  if (const std::string code = text_in(found, "registered"); !code.empty()) {
    items += "<li>" + escape_html(say.text("card.law.registered", {{"country", say.country(code)}})) + "</li>";
  }
  for (const char* who : {"entity", "parent"}) {
    const Json& fact = member(found, who);
    if (!fact.is_object()) continue;
    items += sourced(say.text(fmt::format("card.law.{}", who),
                              {{"name", text_in(fact, "name")}, {"country", say.country(text_in(fact, "seat"))}}),
                     fact);
  }
  if (const Json& eea = member(found, "eea"); eea.is_boolean()) {
    items += "<li>" + escape_html(say.text(eea.get<bool>() ? "card.law.eea" : "card.law.not-eea")) + "</li>";
  }
  if (const Json& all = member(found, "adequacy"); all.is_array()) {
    for (const Json& decision : all) {
      const std::string until = text_in(decision, "until");
      items += sourced(say.text("card.law.adequacy", {{"decision", text_in(decision, "decision")},
                                                      {"from", text_in(decision, "from")},
                                                      {"until", until.empty() ? say.text("card.law.today") : until},
                                                      {"covers", covers(say, decision)}}),
                       decision);
    }
  }
  if (items.empty()) return {};
  return fmt::format("<ul class=\"plain\">{}</ul><span class=\"soft\">{}</span>", items,
                     escape_html(say.text("card.law.note")));
}

}  // namespace

std::string more_facts(const Page& page, const Json& each) {
  const Messages& say = page.messages;
  const Json& recipient = member(each, "recipient");
  std::string html = row(say, "card.period", period(say, each)) + row(say, "card.timing", timing(page, each)) +
                     row(say, "card.prompting", prompting(say, each)) +
                     row(say, "card.permission", permission(say, each)) + row(say, "card.told", told(say, each)) +
                     row(say, "card.of-first", of_first(say, each)) +
                     row(say, "card.relation", words(say, "relation", text_in(recipient, "relation"))) +
                     row(say, "card.distance", distance(say, recipient)) + row(say, "card.law", law(say, recipient));
  return html;
}

}  // namespace tattle
