#include <fmt/format.h>

#include <cmath>

#include "report/page/html_json.h"
#include "report/page/html_parts.h"
#include "report/page/html_text.h"
#include "report/say/words.h"

namespace tattle {
namespace {

std::string short_number(double value, const Messages& say) {
  return value >= 1000 ? say.grouped(value) : say.number(value, value == std::floor(value) ? 0 : 1);
}

// Seconds of which thousandths may matter.
std::string fine_number(double value, const Messages& say) {
  if (value <= 0 || value >= 0.0995) return short_number(value, say);
  return say.number(value, 3);
}

std::string words(const Messages& say, const std::string& kind, const std::string& word) {
  const std::string key = kind + "." + word;
  return say.has(key) ? escape_html(say.text(key)) : std::string();
}

// A ground in small print behind what it is the ground of.
std::string behind(const Messages& say, const std::string& ground) {
  return ground.empty() ? "" : " <span class=\"soft\">(" + said_html(say, ground) + ")</span>";
}

std::string small(const std::string& text) { return " <span class=\"soft\">(" + escape_html(text) + ")</span>"; }

std::string period(const Messages& say, const Json& each) {
  const Json& found = member(each, "period");
  if (!found.is_object()) return {};
  std::string html = escape_html(
      say.text("card.period.every", {{"period", readable_period(number_in(found, "seconds"), say, "span")},
                                     {"jitter", readable_period(number_in(found, "jitter-s"), say)},
                                     {"times", say.counted("count.times", count_in(found, "occurrences"))}}));
  if (const double burst = number_in(found, "burst-s"); burst > 0) {
    html += small(say.text("card.period.burst", {{"burst", readable_period(burst, say)}}));
  }
  return html;
}

// The action as a link to its line beside the timeline.
std::string action_html(const Page& page, const Json& index) {
  std::string label = escape_html(action_label(page.json, index, page.messages));
  if (!action_at(page.json, index).is_object()) return label;
  const std::size_t number = index.get<std::size_t>() + 1;
  return fmt::format("<a href=\"#A{0}\">{1} ({0})</a>", number, label);
}

std::string timing(const Page& page, const Json& each) {
  const Json& found = member(each, "timing");
  const Messages& say = page.messages;
  std::string html;
  if (const std::uint64_t idle = count_in(found, "idle")) {
    html = escape_html(say.text("card.timing.idle", {{"times", say.counted("count.times", idle)}}));
  }
  if (const std::uint64_t open = count_in(found, "not-covered")) {
    html += (html.empty() ? "" : "; ") +
            escape_html(say.text("card.timing.not-covered", {{"times", say.counted("count.times", open)}}));
  }
  const Json& all = member(found, "beside");
  if (!all.is_array()) return html;
  const double window = number_in(found, "window-s");
  for (const Json& beside : all) {
    if (!html.empty()) html += "; ";
    // The link goes into the escaped sentence.
    const std::uint64_t count = count_in(beside, "count");
    const double median = number_in(beside, "median-s");
    const double longest = member(beside, "max-s").is_number() ? number_in(beside, "max-s") : median;
    std::string text = escape_html(say.text(count == 1 ? "card.timing.after" : "card.timing.after-some",
                                            {{"times", say.counted("count.times", count)},
                                             {"seconds", short_number(median, say)},
                                             {"longest", short_number(longest, say)}}));
    constexpr std::string_view kPlace = "{action}";
    if (const auto at = text.find(kPlace); at != text.npos) {
      text.replace(at, kPlace.size(), action_html(page, member(beside, "action")));
    }
    html += text;
  }
  if (const std::uint64_t others = count_in(found, "others")) {
    html += "; " + escape_html(say.text("card.timing.others", {{"times", say.counted("count.times", others)}}));
  }
  return window > 0 && !html.empty()
             ? html + small(say.text("card.timing.window", {{"seconds", short_number(window, say)}}))
             : html;
}

// What a p-value says, for those who have not met one.
std::string chance_words(const Messages& say, double p) {
  if (p >= 0.05) return say.text("card.prompting.plain.chance");
  if (p < 1e-9) return say.text("card.prompting.plain.never");
  return say.text("card.prompting.plain.one-in", {{"count", say.grouped(std::max(1.0, std::floor(1 / p)))}});
}

std::string prompting(const Messages& say, const Json& each) {
  const Json& found = member(each, "prompting");
  std::string html = words(say, "card.prompting", text_in(found, "kind"));
  if (html.empty()) return {};
  if (const std::uint64_t of = count_in(found, "of")) {
    const double p = number_in(found, "p");
    const bool tested = member(found, "base-rate").is_number();
    html += ": " + escape_html(say.text(tested ? "card.prompting.of" : "card.prompting.of-few",
                                        {{"followed", std::to_string(count_in(found, "followed"))},
                                         {"of", std::to_string(of)},
                                         {"rate", readable_share(number_in(found, "base-rate"), say)}}));
    if (member(found, "p").is_number()) {
      html += fmt::format(
          ". {} <span class=\"soft\">({})</span>", escape_html(chance_words(say, p)),
          escape_html(say.text("card.prompting.p", {{"p", p < 1e-4 ? fmt::format("{:.1e}", p) : say.number(p, 4)}})));
    }
  }
  if (const Json& latency = member(found, "latency-s"); latency.is_object()) {
    html += "; " +
            escape_html(say.text("card.prompting.latency", {{"median", fine_number(number_in(latency, "median"), say)},
                                                            {"min", fine_number(number_in(latency, "min"), say)},
                                                            {"max", fine_number(number_in(latency, "max"), say)}}));
  }
  return html + behind(say, text_in(found, "ground"));
}

std::string permission(const Page& page, const Json& each) {
  const Messages& say = page.messages;
  const Json& found = member(each, "permission");
  const std::string key = "card.permission." + text_in(found, "state");
  if (!found.is_object() || !say.has(key)) return {};
  std::string text = say.text(key, {{"gap", short_number(std::fabs(number_in(found, "gap-s")), say)}});
  if (const std::uint64_t count = count_in(found, "count"), all = count_in(each, "count"); count > 0 && count < all) {
    text = say.text("card.permission.some",
                    {{"count", std::to_string(count)}, {"all", std::to_string(all)}, {"what", text}});
  }
  std::string html = escape_html(text);
  if (action_at(page.json, member(found, "action")).is_object()) {
    html += " <span class=\"soft\">(" + action_html(page, member(found, "action")) + ")</span>";
  }
  return html;
}

std::string told(const Page& page, const Json& each) {
  const Messages& say = page.messages;
  std::string html = words(say, "card.told", text_in(each, "told"));
  if (html.empty()) return html;
  const Json& line = action_at(page.json, member(each, "told-by"));
  if (line.is_object()) {
    const std::string words = text_in(member(line, "screen"), "text");
    html += " <span class=\"soft\">(" + action_html(page, member(each, "told-by"));
    if (!words.empty()) html += ": \u201c" + escape_html(words) + "\u201d";
    html += ")</span>";
  }
  const std::uint64_t late = count_in(each, "told-late") + count_in(each, "mentioned-late");
  if (late == 0) return html;
  return html + "; " + escape_html(say.text("card.told.late", {{"times", say.counted("count.times", late)}}));
}

std::string rests_on(const Messages& say, const Json& each) {
  const std::uint64_t first = count_in(each, "of-first");
  if (first == 0) return {};
  return escape_html(say.text("card.of-first.text", {{"times", say.counted("count.times", first)}}));
}

std::string distance(const Messages& say, const Json& recipient) {
  const Json& found = member(recipient, "distance");
  if (!found.is_object()) return {};
  if (const std::string why = text_in(found, "withheld"); !why.empty()) {
    return escape_html(say.text("card.distance.withheld")) + " " + said_html(say, why);
  }
  std::string html =
      escape_html(say.text("card.distance.within", {{"km", short_number(number_in(found, "within-km"), say)},
                                                    {"rtt", short_number(number_in(found, "rtt-ms"), say)}}));
  std::vector<std::string> not_in;
  if (const Json& codes = member(found, "not-in"); codes.is_array()) {
    for (const Json& code : codes) {
      if (code.is_string()) not_in.push_back(code.get<std::string>());
    }
  }
  if (!not_in.empty()) {
    html += escape_html(say.text("card.distance.not-in", {{"countries", countries_in(say, not_in)}}));
  }
  return html + behind(say, text_in(found, "ground"));
}

std::string relation(const Messages& say, const Json& recipient) {
  const std::string html = words(say, "relation", text_in(recipient, "relation"));
  return html.empty() ? html : html + behind(say, text_in(recipient, "relation-ground"));
}

std::string owner(const Messages& say, const Json& recipient) {
  const Json& found = member(recipient, "owner");
  if (text_in(found, "name").empty()) return {};
  return escape_html(text_in(found, "name")) + source_html(found);
}

std::string law(const Messages& say, const Json& recipient) {
  const std::string items = law_items(say, member(recipient, "law"));
  if (items.empty()) return {};
  return fmt::format("<ul class=\"plain\">{}</ul><span class=\"soft\">{}</span>", items,
                     escape_html(say.text("card.law.note")));
}

std::string fingerprints(const Json& each) {
  const Json& found = member(member(each, "sender"), "fingerprints");
  std::string html;
  if (!found.is_object()) return html;
  for (const auto& [name, value] : found.items()) {
    if (!value.is_string()) continue;
    html += fmt::format("{}{} <code>{}</code>", html.empty() ? "" : ", ", escape_html(name),
                        escape_html(value.get<std::string>()));
  }
  return html;
}

std::string linked(const Json& each) {
  constexpr std::size_t kMost = 40;
  const Json& found = member(each, "linked");
  std::string html;
  if (!found.is_array()) return html;
  for (std::size_t i = 0; i < found.size() && i < kMost; ++i) {
    if (!found[i].is_string()) continue;
    const std::string id = escape_html(found[i].get<std::string>());
    html += fmt::format("<a href=\"#{0}\">{0}</a> ", id);
  }
  return found.size() > kMost ? html + "\u2026" : html;
}

// `pd:Location`, and what that stands for: a lawyer quotes the one and a machine follows the other.
std::string terms(const Page& page, const Json& each) {
  constexpr std::string_view kPersonalData = "https://w3id.org/dpv/pd#";
  const Json& found = member(each, "dpv");
  std::string html;
  if (!found.is_array()) return html;
  for (const Json& term : found) {
    const std::string iri = term.is_string() ? term.get<std::string>() : std::string();
    if (!html.empty()) html += ", ";
    if (iri.starts_with(kPersonalData)) {
      html += fmt::format("<code>pd:{}</code>, ", escape_html(iri.substr(kPersonalData.size())));
    }
    html += fmt::format("<code>{}</code>", escape_html(iri));
  }
  const Json& vocabulary = member(page.json, "vocabulary");
  if (!html.empty() && vocabulary.is_object()) {
    html += small(text_in(vocabulary, "name") + " " + text_in(vocabulary, "version"));
  }
  if (const std::string note = text_in(each, "dpv-note"); !note.empty()) {
    html += (html.empty() ? "" : "; ") + said_html(page.messages, note);
  }
  return html;
}

}  // namespace

std::string cause_facts(const Page& page, const Json& each) {
  const Messages& say = page.messages;
  return fact_row(say, "card.period", period(say, each)) + fact_row(say, "card.timing", timing(page, each)) +
         fact_row(say, "card.prompting", prompting(say, each)) +
         fact_row(say, "card.permission", permission(page, each)) + fact_row(say, "card.told", told(page, each)) +
         fact_row(say, "card.of-first", rests_on(say, each));
}

std::string recipient_more(const Page& page, const Json& each) {
  const Messages& say = page.messages;
  const Json& recipient = member(each, "recipient");
  const std::string who = fact_row(say, "card.relation", relation(say, recipient)) +
                          fact_row(say, "card.owner", owner(say, recipient)) +
                          fact_row(say, "card.law", law(say, recipient));
  // On paper they stand once for each recipient, among the law's facts.
  return (who.empty() ? who : "<div class=\"screen-only\">" + who + "</div>") +
         fact_row(say, "card.distance", distance(say, recipient));
}

std::string last_facts(const Page& page, const Json& each) {
  const Messages& say = page.messages;
  return fact_row(say, "card.linked", linked(each)) + fact_row(say, "card.dpv", terms(page, each));
}

std::string fingerprint_fact(const Page& page, const Json& each) {
  return fact_row(page.messages, "card.fingerprints", fingerprints(each));
}

}  // namespace tattle
