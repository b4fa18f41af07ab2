#include "report/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "assess/message_sums.h"
#include "decode/token/text.h"
#include "report/say/messages.h"
#include "report/say/words.h"

namespace tattle {
namespace {

constexpr std::size_t kLines = 11;  // of disclosures
constexpr std::size_t kColumns = 80;

constexpr std::string_view kBold = "1", kRed = "31", kBlue = "34", kDim = "2";

struct Paint {
  bool on;
  std::string operator()(std::string_view code, const std::string& text) const {
    return on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }
};

// Nothing of the traffic may steer the terminal.
std::string harmless(std::string text) {
  text = to_utf8(as_bytes(text));
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (byte < 0x20 || byte == 0x7f) text[i] = ' ';
    if (c1) text[i] = text[i + 1] = ' ';
  }
  return text;
}

std::string cut(std::string text, std::size_t columns) {
  if (text.size() <= columns) return text;
  text.resize(columns - 3);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0) text.pop_back();
  return text + "...";
}

// Breaks at spaces, for lines of at most kColumns.
std::string wrapped(const std::string& text) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (column > 0 && column + 1 + (end - at) > kColumns) {
      out += '\n';
      column = 0;
    } else if (column > 0) {
      out += ' ';
      ++column;
    }
    out.append(text, at, end - at);
    column += end - at;
    at = end + 1;
  }
  return out;
}

// One line for a kind of data, so that no kind hides behind the many recipients of another.
struct Line {
  const DisclosureReport* first;  // the gravest
  MessageSum sum;                 // distinct messages
  bool mixed = false;             // not all under the same protocol
  bool old = false;               // some under a version of TLS that is no longer to be used
  std::set<std::string> recipients;
};

std::vector<Line> group(const AuditDocument& document) {
  using Kind = std::tuple<std::string, Certainty, Travel>;
  std::map<Kind, std::size_t> places;
  std::vector<Line> lines;
  for (const DisclosureReport& each : document.disclosures) {
    auto [found, added] = places.emplace(Kind(each.datum, each.certainty, each.direction), lines.size());
    if (added) lines.push_back({&each, {}, false, false, {}});
    Line& line = lines[found->second];
    line.old |= tls_version_of(each).deprecated;
    line.mixed |= each.transport != line.first->transport;
    line.recipients.insert(recipient_label(each.recipient, true));
  }
  const auto sums = message_sums<Kind>(document, [](const DisclosureReport& each, std::vector<Kind>& keys) {
    keys.emplace_back(each.datum, each.certainty, each.direction);
  });
  for (const auto& [kind, at] : places) {
    if (const auto found = sums.find(kind); found != sums.end()) lines[at].sum = found->second;
  }
  return lines;
}

std::string line_text(const Line& line, bool reveal, const Paint& paint) {
  constexpr std::size_t kRecipient = 28, kShortest = 8;
  const DisclosureReport& each = *line.first;
  std::string what = datum_label(each.datum);
  if (each.certainty == Certainty::inferred) what += " ?";
  std::string about;
  if (line.recipients.size() > 1) {
    about = fmt::format(" and {} more", line.recipients.size() - 1);
  } else {
    if (each.role != Role::destination) about += fmt::format(" ({})", to_string(each.role));
    std::string country = each.recipient.country.empty() ? std::string() : ", " + each.recipient.country;
    std::string relation(to_string(each.recipient.relation));
    std::replace(relation.begin(), relation.end(), '-', ' ');
    const bool fits = about.size() + relation.size() + 2 + country.size() <= kRecipient - kShortest;
    if (each.recipient.relation != Relation::unknown && fits) about += ", " + relation;
    about += country;
  }
  const std::size_t room = kRecipient - std::min(about.size(), kRecipient - kShortest);
  const std::string to = cut(harmless(recipient_label(each.recipient, reveal)), room) + about;
  const std::string how = line.old && line.sum.clear == 0 ? std::string("old TLS")
                          : !line.mixed                   ? std::string(protection_label(each.transport))
                          : line.sum.clear > 0            ? fmt::format("{} in clear", line.sum.clear)
                          : line.sum.unknown > 0          ? fmt::format("{} unknown", line.sum.unknown)
                                                          : "encrypted";
  const std::string text =
      fmt::format("{:<5}{:<22}{:>4}x {:<11} {:<4} {}", each.id, cut(harmless(what), 22), line.sum.messages, how,
                  each.direction == Travel::sent ? "to" : "from", harmless(to));
  if (each.certainty == Certainty::inferred) return paint(kDim, text);
  return each.direction == Travel::received ? text : line.sum.clear > 0 ? paint(kRed, text) : paint(kBlue, text);
}

// What the round trips rule out of what the registry says.
std::string elsewhere(const AuditDocument& document, bool reveal) {
  constexpr std::size_t kMost = 3;
  const Messages& english = Messages::english();
  std::vector<std::string> sentences;
  for (const ContactReport& each : document.recipients) {
    const auto& distance = each.recipient.distance;
    if (!distance || distance->not_in.empty()) continue;
    sentences.push_back(
        fmt::format("{}: what ended the connection stood within {} km of the gateway, so not in {}, "
                    "whatever the registry says.",
                    recipient_label(each.recipient, reveal), english.grouped(distance->within_km),
                    countries_in(english, distance->not_in)));
  }
  std::string text;
  for (std::size_t i = 0; i < sentences.size() && i < kMost; ++i) text += wrapped(harmless(sentences[i])) + "\n";
  if (sentences.size() > kMost) {
    text +=
        fmt::format("So it is of {}.\n", counted(sentences.size() - kMost, "further recipient", "further recipients"));
  }
  return text.empty() ? text : text + "\n";
}

// What the tester's log has to say of verified values sent, gravest kinds first: `location 12 of 43 times, …`.
std::string beside_log(const AuditDocument& document) {
  constexpr std::size_t kKinds = 3;
  struct Counts {
    std::string datum;
    std::uint64_t all = 0, idle = 0, early = 0, covered = 0, unprompted = 0;
  };
  std::vector<Counts> kinds;
  const std::uint64_t open = message_sum(document, is_told).not_covered;  // outside of what the log covers
  for (const DisclosureReport& each : document.disclosures) {
    if (each.certainty != Certainty::verified || each.direction != Travel::sent || !each.timing) continue;
    auto found = std::find_if(kinds.begin(), kinds.end(), [&](const Counts& kind) { return kind.datum == each.datum; });
    if (found == kinds.end()) found = kinds.insert(kinds.end(), {each.datum});
    if (each.permission && each.permission->state == PermissionState::before_granted) {
      found->early += each.permission->count;
    }
    if (each.permission && each.permission->state == PermissionState::before_first_prompt) {
      found->unprompted += each.permission->count;
    }
  }
  const auto sums = message_sums<std::string>(document, [](const DisclosureReport& each, auto& keys) {
    if (is_told(each) && each.timing) keys.push_back(each.datum);
  });
  for (Counts& kind : kinds) {
    const auto found = sums.find(kind.datum);
    if (found == sums.end()) continue;
    kind.all = found->second.messages;
    kind.covered = kind.all - found->second.not_covered;
    kind.idle = found->second.idle;
    kind.early = std::min(kind.early, kind.all);
    kind.unprompted = std::min(kind.unprompted, kind.all);
  }
  const auto listed = [&](std::uint64_t Counts::*count, std::uint64_t Counts::*of) {
    std::string text;
    std::size_t named = 0;
    for (const Counts& kind : kinds) {
      if (kind.*count == 0 || named++ >= kKinds) continue;
      text += fmt::format("{}{} {} of {}", text.empty() ? "" : ", ", datum_label(kind.datum), kind.*count,
                          counted(kind.*of, "time"));
    }
    if (named > kKinds) text += fmt::format(", and {}", counted(named - kKinds, "more kind"));
    return text;
  };
  std::string text;
  if (const std::string idle = listed(&Counts::idle, &Counts::covered); !idle.empty()) {
    text += wrapped(harmless("Unasked, beside no action in the log: " + idle + ".")) + "\n";
  }
  if (open > 0) {
    text += wrapped(fmt::format("{} outside the time that the log covers: neither asked nor unasked.",
                                counted(open, "more time", "more times"))) +
            "\n";
  }
  if (const std::string early = listed(&Counts::early, &Counts::all); !early.empty()) {
    text += wrapped(harmless("Before its permission was granted: " + early + ".")) + "\n";
  }
  if (const std::string early = listed(&Counts::unprompted, &Counts::all); !early.empty()) {
    text += wrapped(harmless("Before the first prompt for it in the log: " + early + ".")) + "\n";
  }
  return text;
}

// What follows a server's messages or the tester's triggers, in one line for each server and kind of cause.
std::string prompted(const AuditDocument& document, bool reveal) {
  constexpr std::size_t kMost = 3;
  std::vector<std::pair<std::string, std::string>> lines;  // with what is said of it, data joined
  for (const DisclosureReport& each : document.disclosures) {
    if (!each.prompting || each.certainty != Certainty::verified) continue;
    const PromptingReport& prompting = *each.prompting;
    const std::string server = prompting.server.text(reveal);
    std::string what;
    if (prompting.kind == "server-message") {
      what = fmt::format("within {:g} s after {} spoke unasked", kFollowWindow.seconds(), server);
    } else if (prompting.kind == "unexplained") {
      what = fmt::format("within {:g} s after {} spoke, which no trigger explains", kFollowWindow.seconds(), server);
    } else if (prompting.kind == "trigger") {
      what = fmt::format("within {:g} s after a trigger in the log", kTriggerWindow.seconds());
    } else {
      continue;
    }
    const std::string label = datum_label(each.datum);
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return line.second == what; });
    if (found == lines.end()) {
      lines.emplace_back(label, what);
    } else if (found->first.find(label) == std::string::npos) {
      found->first += ", " + label;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < lines.size() && i < kMost; ++i) {
    text += wrapped(harmless(fmt::format("Sent {}: {}.", lines[i].second, lines[i].first))) + "\n";
  }
  if (lines.size() > kMost) text += fmt::format("And {} like these.\n", lines.size() - kMost);
  return text;
}

}  // namespace

std::string terminal_summary(const AuditDocument& document, bool reveal, bool colour) {
  const Paint paint{colour};
  std::string text;
  for (const SubjectReport& subject : document.subjects) {
    text += paint(kBold, cut(harmless(subject.name.text(reveal)), kColumns)) + "\n";
  }
  text += wrapped(headline(document)) + "\n\n";
  const std::vector<Line> lines = group(document);
  for (std::size_t i = 0; i < lines.size() && i < kLines; ++i) text += "  " + line_text(lines[i], reveal, paint) + "\n";
  if (lines.size() > kLines)
    text += fmt::format("  and {}\n", counted(lines.size() - kLines, "more line", "more lines like these"));
  if (!lines.empty()) text += "\n";
  text += elsewhere(document, reveal);
  if (const std::string log = beside_log(document); !log.empty()) text += log + "\n";
  if (const std::string causes = prompted(document, reveal); !causes.empty()) text += causes + "\n";
  const CoverageReport& coverage = document.coverage;
  text += fmt::format("Seen: {}, {}, {}.\n", counted_units(coverage), readable_size(coverage.bytes),
                      counted(coverage.flows, "flow"));
  text += paint(kBold, wrapped(coverage_in_short(coverage))) + "\n";
  if (!document.places.known)
    text += wrapped(harmless("Countries are unknown or incomplete: " + document.places.how + ".")) + "\n";
  text += paint(kDim,
                "Not visible from here: mobile data, SMS and calls over the cell, Bluetooth,\nand what servers do with "
                "data afterwards.") +
          "\n";
  return text;
}

}  // namespace tattle
