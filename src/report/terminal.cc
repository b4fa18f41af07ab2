#include "report/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "decode/text.h"
#include "report/words.h"

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

// One line for what differs only in path or form.
struct Line {
  const DisclosureReport* first;
  std::uint64_t count = 0, disclosures = 0;
};

std::vector<Line> group(const AuditDocument& document, bool reveal) {
  using Key = std::tuple<std::string, std::string, Certainty, Travel, Protection, Role>;
  std::map<Key, std::size_t> places;
  std::vector<Line> lines;
  for (const DisclosureReport& each : document.disclosures) {
    const Key key{each.datum, recipient_label(each.recipient, reveal), each.certainty, each.direction, each.transport,
                  each.role};
    auto [found, added] = places.emplace(key, lines.size());
    if (added) lines.push_back({&each, 0, 0});
    lines[found->second].count += each.count;
    ++lines[found->second].disclosures;
  }
  return lines;
}

std::string line_text(const Line& line, bool reveal, const Paint& paint) {
  const DisclosureReport& each = *line.first;
  const bool clear = each.transport == Protection::clear;
  std::string what = datum_label(each.datum);
  if (each.certainty == Certainty::inferred) what += " ?";
  std::string about;
  if (each.role != Role::destination) about += fmt::format(" ({})", to_string(each.role));
  if (!each.recipient.country.empty()) about += ", " + each.recipient.country;
  const std::string to = cut(harmless(recipient_label(each.recipient, reveal)), 30 - about.size()) + about;
  const std::string arrow = each.direction == Travel::sent ? "to" : "from";
  const std::string text =
      fmt::format("{:<5}{:<22}{:>4}x {:<9} {:<4} {}", each.id, cut(harmless(what), 22), line.count,
                  clear ? "in clear" : protection_label(each.transport), arrow, harmless(to));
  if (each.certainty == Certainty::inferred) return paint(kDim, text);
  return each.direction == Travel::received ? text : clear ? paint(kRed, text) : paint(kBlue, text);
}

}  // namespace

std::string terminal_summary(const AuditDocument& document, bool reveal, bool colour) {
  const Paint paint{colour};
  std::string text;
  for (const SubjectReport& subject : document.subjects) {
    text += paint(kBold, cut(harmless(subject.name.text(reveal)), kColumns)) + "\n";
  }
  text += wrapped(headline(document)) + "\n\n";
  const std::vector<Line> lines = group(document, reveal);
  for (std::size_t i = 0; i < lines.size() && i < kLines; ++i) text += "  " + line_text(lines[i], reveal, paint) + "\n";
  if (lines.size() > kLines) text += fmt::format("  and {} more lines like these\n", lines.size() - kLines);
  if (!lines.empty()) text += "\n";
  const CoverageReport& coverage = document.coverage;
  text += fmt::format("Seen: {}, {}, {}.\n", counted(coverage.packets, "packet"), readable_size(coverage.bytes),
                      counted(coverage.flows, "flow"));
  if (const double closed = coverage.opaque_share(); closed > 0) {
    text +=
        paint(kBold, fmt::format("{} of the phone's traffic was encrypted and stayed closed.", readable_share(closed)));
  } else {
    text += "All of the phone's traffic could be read.";
  }
  text += "\n";
  if (!document.places.known)
    text += wrapped(harmless("Countries are unknown or incomplete: " + document.places.how + ".")) + "\n";
  text += paint(kDim,
                "Not visible from here: mobile data, SMS and calls over the cell, Bluetooth,\nand what servers do with "
                "data afterwards.") +
          "\n";
  return text;
}

}  // namespace tattle
