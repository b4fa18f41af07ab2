#include "report/format/letter.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "assess/message_sums.h"
#include "report/say/clock.h"
#include "report/say/words.h"
#include "report/utf8.h"

namespace tattle {
namespace {

constexpr std::size_t kRows = 60;  // what somebody reads

// Text from traffic in a Markdown table: no markup, no line ends, no end of the cell.
std::string plain(std::string_view text) {
  bool lossy = false;
  std::string out;
  for (const char each : to_utf8(text, lossy)) {
    if (static_cast<unsigned char>(each) < 0x20 || each == 0x7F) {
      out += ' ';
      continue;
    }
    if (std::string_view("\\`*_[]<>|&#!").find(each) != std::string_view::npos) out += '\\';
    out += each;
  }
  return out;
}

// Sites that the owner visited: their names are themselves what was planted, and private.
std::set<std::string> visited_sites(const AuditDocument& document) {
  std::set<std::string> sites;
  for (const DisclosureReport& each : document.disclosures) {
    if (each.datum == "browsing" && each.role == Role::destination) {
      sites.insert(recipient_label(each.recipient, false, Messages::english()));
    }
  }
  return sites;
}

std::string row(const DisclosureReport& each, std::uint64_t times, const std::set<std::string>& private_sites,
                const Clock& clock, const Messages& say) {
  // A host that carries a planted value in its name is masked like any other text.
  const std::string role =
      each.role == Role::destination ? "" : fmt::format(" ({})", say.word("role", to_string(each.role)));
  std::string datum = datum_label(each.datum, say);
  const std::string host = private_sites.contains(recipient_label(each.recipient, false, Messages::english()))
                               ? say.text("letter.visited")
                               : recipient_label(each.recipient, false, say);
  if (each.form != "plain") datum += say.text("card.form", {{"form", form_label(each.form, say)}});
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", each.id, plain(datum), plain(host + role), times,
                     clock.second(each.first), clock.second(each.last), plain(transport_label(each, say)));
}

// How many came beside nothing that was done, of those at a time of which everything done is known.
std::string beside_log(const AuditDocument& document, const Messages& say) {
  if (!document.log_cover) return {};
  Time last;
  for (const CaptureReport& capture : document.captures) last = std::max(last, capture.last);
  const MessageSum sum = message_sum(document, is_told);
  const std::uint64_t covered = sum.messages - sum.not_covered;
  if (covered == 0) return {};
  const Clock clock(document, say);
  return say.text("letter.log", {{"from", clock.second(document.log_cover->from)},
                                 {"until", clock.second(document.log_cover->until.value_or(last))},
                                 {"zone", clock.zone()},
                                 {"covered", std::to_string(covered)},
                                 {"idle", std::to_string(sum.idle)}}) +
         "\n\n";
}

std::string table(const AuditDocument& document, const Messages& say) {
  const Clock clock(document, say);
  const std::set<std::string> private_sites = visited_sites(document);
  std::string head = "|", line = "|", rows;
  for (const char* column : {"no", "datum", "host", "times", "first", "last", "how"}) {
    head += fmt::format(" {} |", say.text(fmt::format("letter.column.{}", column), {{"zone", clock.zone()}}));
    line += std::string_view(column) == "times" ? " ---: |" : " --- |";
  }
  std::size_t shown = 0, all = 0;
  bool inferred = false;
  const auto sums =
      message_sums<std::string>(document, [](const DisclosureReport& each, auto& keys) { keys.push_back(each.id); });
  for (const DisclosureReport& each : document.disclosures) {
    if (each.direction != Travel::sent) continue;
    inferred |= each.certainty == Certainty::inferred;
    if (each.certainty != Certainty::verified || ++all > kRows) continue;
    ++shown;
    const auto sum = sums.find(each.id);
    rows += row(each, sum == sums.end() ? each.count : sum->second.messages, private_sites, clock, say);
  }
  if (all == 0) return say.text("letter.none") + "\n\n";
  std::string text = head + "\n" + line + "\n" + rows + "\n";
  if (all > shown) text += say.text("letter.more", {{"count", std::to_string(all - shown)}}) + "\n\n";
  if (inferred) text += say.text("letter.inferred") + "\n\n";
  return text + beside_log(document, say);
}

std::string questions(const AuditDocument& document, const Messages& say) {
  const bool clear = std::any_of(document.disclosures.begin(), document.disclosures.end(), [](const auto& each) {
    return each.direction == Travel::sent && each.certainty == Certainty::verified &&
           each.transport == Protection::clear;
  });
  std::string text;
  int number = 0;
  for (const char* key : {"purpose", "who", "software", "switch", "told", "prompt", "keep", "clear", "others"}) {
    if (std::string_view(key) == "clear" && !clear) continue;
    text += fmt::format(
        "{}. {}\n", ++number,
        say.text(fmt::format("letter.question.{}", key), {{"clear", protection_label(Protection::clear, say)}}));
  }
  return text + "\n";
}

std::string intro(const AuditDocument& document, const Messages& say) {
  const Clock clock(document, say);
  std::string phone, system, from = "?", to = "?";
  for (const SubjectReport& subject : document.subjects) {
    std::string name = subject.maker + (subject.maker.empty() || subject.model.empty() ? "" : " ") + subject.model;
    if (name.empty()) name = "?";
    if (phone.find(name) == phone.npos) phone += (phone.empty() ? "" : ", ") + name;
    if (system.empty()) system = subject.system;
  }
  Time first, last;
  for (const CaptureReport& capture : document.captures) {
    if (capture.packets == 0 || capture.first.ns == 0) continue;
    if (first.ns == 0 || capture.first < first) first = capture.first;
    last = std::max(last, capture.last);
  }
  if (first.ns != 0) {
    from = clock.minute(first);
    to = clock.minute(last);
  }
  return say.text("letter.intro", {{"phone", plain(phone.empty() ? "?" : phone)},
                                   {"system", plain(system.empty() ? "?" : system)},
                                   {"from", from},
                                   {"to", to},
                                   {"zone", clock.zone_and_ground()},
                                   {"version", document.version}});
}

}  // namespace

std::string to_letter(const AuditDocument& document, const Messages& messages) {
  const Messages& say = messages;
  std::string maker, phone;
  if (!document.subjects.empty()) {
    const SubjectReport& subject = document.subjects.front();
    maker = subject.maker;
    phone = subject.maker + (subject.maker.empty() || subject.model.empty() ? "" : " ") + subject.model;
  }
  const auto paragraph = [](const std::string& text) { return text + "\n\n"; };
  const auto heading = [&](const char* key) { return "## " + say.text(key) + "\n\n"; };
  std::string text = "# " + say.text("letter.subject", {{"phone", plain(phone.empty() ? "?" : phone)}}) + "\n\n";
  text += paragraph(say.text("letter.date"));
  text += paragraph(say.text("letter.to", {{"maker", plain(maker.empty() ? "?" : maker)}}));
  text += paragraph(say.text("letter.greeting")) + paragraph(intro(document, say));
  text += heading("letter.seen") + table(document, say);
  text += heading("letter.questions") + questions(document, say) + paragraph(say.text("letter.closing"));
  text += heading("letter.coverage") + paragraph(coverage_in_short(document.coverage, say));
  for (const std::string& blind : blind_spots(say)) text += "- " + blind + "\n";
  text += "\n" + heading("letter.captures");
  for (const CaptureReport& capture : document.captures) {
    text +=
        fmt::format("- {}: SHA-256 `{}`, {}\n", plain(capture.name), capture.sha256, readable_size(capture.bytes, say));
  }
  return text + "\n" + say.text("letter.sign") + "\n";
}

}  // namespace tattle
