#include "report/say/words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "assess/message_sums.h"
#include "decode/token/text.h"

namespace tattle {

extern const std::string_view kAnomalyTable;  // data/anomalies.tsv, embedded

namespace {

std::map<std::string_view, std::string_view> parse_anomaly_table() {
  std::map<std::string_view, std::string_view> meanings;
  std::string_view rest = kAnomalyTable;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    if (const auto tab = line.find('\t'); tab != line.npos) meanings[line.substr(0, tab)] = line.substr(tab + 1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return meanings;
}

// The sentence of a line of coverage; reasons that no catalogue has yet share one.
std::string sentence(const CoverageLine& line, const std::string& amount, const Messages& messages) {
  std::string key = fmt::format("coverage.{}", to_string(line.fate));
  if (line.fate == Fate::opaque || line.fate == Fate::unread) {
    const std::string exact = fmt::format("{}.{}", key, line.reason);
    key = messages.has(exact) ? exact : key + ".other";
  }
  return messages.text(key, {{"amount", amount}});
}

}  // namespace

std::string datum_label(std::string_view datum, const Messages& messages) { return messages.word("datum", datum); }
std::string entry_label(const AuditDocument& document, std::string_view entry, std::string_view datum,
                        const Messages& messages) {
  std::string label = datum_label(datum, messages);
  if (entry.empty() || entry == datum) return label;
  const std::string numbered = std::string(datum) + "#";
  if (!entry.starts_with(numbered))
    return messages.text("entry.named", {{"datum", label}, {"name", std::string(entry)}});
  std::size_t same = 0;
  for (const SubjectReport& subject : document.subjects) {
    for (const SubjectReport::Entry& each : subject.entries) same += each.name.clear.starts_with(numbered);
  }
  return same > 1 ? label + " " + std::string(entry.substr(numbered.size())) : label;
}

std::string data_labels(std::string_view words, const Messages& messages) {
  std::string labels;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(", "), words.size());
    labels += (labels.empty() ? "" : ", ") + messages.word("datum", words.substr(0, end));
    words.remove_prefix(std::min(end + 2, words.size()));
  }
  return labels;
}

std::string setting_label(std::string_view setting, const Messages& messages) {
  std::string label;
  while (!setting.empty()) {
    const std::size_t end = std::min(setting.find(", "), setting.size());
    const std::string_view one = setting.substr(0, end);
    const std::size_t colon = one.rfind(": ");
    label += label.empty() ? "" : ", ";
    label += one.substr(0, colon == one.npos ? one.size() : colon + 2);
    if (colon != one.npos) label += messages.word("state", one.substr(colon + 2));
    setting.remove_prefix(std::min(end + 2, setting.size()));
  }
  return label;
}

std::string form_label(std::string_view form, const Messages& messages) { return messages.word("form", form); }

std::string_view anomaly_meaning(std::string_view name) {
  static const std::map<std::string_view, std::string_view> meanings = parse_anomaly_table();
  auto found = meanings.find(name);
  return found == meanings.end() ? name : found->second;
}

std::string protection_label(Protection protection, const Messages& messages) {
  return messages.word("transport", to_string(protection));
}

std::string protection_in_full(const DisclosureReport& disclosure, const Messages& messages) {
  if (disclosure.transport == Protection::clear) return messages.text("protection.clear");
  if (disclosure.transport == Protection::unknown) return messages.text("protection.unknown");
  const TlsVersion version = tls_version_of(disclosure);
  std::string name = version.name;
  if (name.empty()) {
    name = disclosure.transport == Protection::quic   ? "QUIC"
           : disclosure.transport == Protection::dtls ? "DTLS"
                                                      : "TLS";
  }
  return messages.text(version.deprecated ? "protection.old" : "protection.closed", {{"version", name}});
}

TlsVersion tls_version_of(const DisclosureReport& disclosure) {
  if (disclosure.transport != Protection::tls) return {};
  TlsVersion version;
  for (const PathReport& step : disclosure.path) {
    if (step.step != "tls" && step.step != "ssl") continue;
    const std::string& detail = step.detail.clear;
    const bool ssl = step.step == "ssl";
    const bool number = !detail.empty() && detail.size() <= 4 && detail.find_first_not_of("0123456789.") == detail.npos;
    version = number ? TlsVersion{(ssl ? "SSL " : "TLS ") + detail, ssl || detail == "1.0" || detail == "1.1"}
                     : TlsVersion{ssl ? "SSL" : "", ssl};
  }
  return version;
}

std::string transport_label(const DisclosureReport& disclosure, const Messages& messages) {
  const TlsVersion version = tls_version_of(disclosure);
  if (version.name.empty()) return protection_label(disclosure.transport, messages);
  return messages.text(version.deprecated ? "transport.version-old" : "transport.version", {{"version", version.name}});
}

std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural) {
  if (count == 1) return fmt::format("1 {}", singular);
  return plural.empty() ? fmt::format("{} {}s", count, singular) : fmt::format("{} {}", count, plural);
}

std::string counted_units(const CoverageReport& coverage, const Messages& messages) {
  std::string packets = messages.counted("count.packets", coverage.packets);
  if (coverage.entries == 0) return packets;
  std::string entries = messages.counted("count.entries", coverage.entries);
  if (coverage.packets == 0) return entries;
  return messages.text("count.packets-and-entries", {{"packets", packets}, {"entries", entries}});
}

std::string readable_size(std::uint64_t bytes, const Messages& messages) {
  if (bytes < 1000) return messages.counted("count.bytes", bytes);
  constexpr std::string_view kUnits[] = {"kB", "MB", "GB", "TB"};
  double size = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (size >= 999.95 && unit + 1 < std::size(kUnits)) {
    size /= 1000;
    ++unit;
  }
  return fmt::format("{} {}", messages.number(size, 1), kUnits[unit]);
}

std::string readable_share(double share, const Messages& messages) {
  if (share > 0 && share < 0.01) return messages.text("share.under", {{"share", "1"}});
  if (share < 1 && share > 0.99) return messages.text("share.over", {{"share", "99"}});
  return fmt::format("{:.0f} %", share * 100);
}

std::string readable_duration(Time from, Time to, const Messages& messages, std::string_view kind) {
  const double seconds = static_cast<double>(to.ns - from.ns) / 1e9;
  const auto key = [&](const char* unit) { return fmt::format("{}.{}", kind, unit); };
  if (seconds < 1) return messages.text(key("moment"));
  if (seconds < 120) return messages.counted(key("seconds"), static_cast<std::uint64_t>(std::lround(seconds)));
  if (seconds < 2 * 3600) {
    return messages.counted(key("minutes"), static_cast<std::uint64_t>(std::lround(seconds / 60)));
  }
  if (seconds < 48 * 3600) return messages.text(key("hours"), {{"count", messages.number(seconds / 3600, 1)}});
  return messages.text(key("days"), {{"count", messages.number(seconds / 86400, 1)}});
}

std::string readable_period(double seconds, const Messages& messages, std::string_view kind) {
  const auto key = [&](std::string_view unit) { return fmt::format("{}.{}", kind, unit); };
  if (!(seconds >= 1)) return messages.text(key("moment"));
  const auto [unit, length] = seconds < 120         ? std::pair("seconds", 1.0)
                              : seconds < 2 * 3600  ? std::pair("minutes", 60.0)
                              : seconds < 48 * 3600 ? std::pair("hours", 3600.0)
                                                    : std::pair("days", 86400.0);
  const double count = std::round(seconds / length * 10) / 10;
  const std::string number = messages.number(count, count == std::floor(count) ? 0 : 1);
  if (length > 60) return messages.text(key(unit), {{"count", number}});
  return messages.text(key(fmt::format("{}.{}", unit, count == 1 ? "one" : "other")), {{"count", number}});
}

std::string country_name(std::string_view code, const Messages& messages) { return messages.country(code); }

std::string countries_in(const Messages& messages, const std::vector<std::string>& codes) {
  std::string text;
  for (const std::string& code : codes) {
    if (!text.empty()) text += ", ";
    const std::string with_article = "country.in." + code;
    text += messages.has(with_article) ? messages.text(with_article) : messages.country(code);
  }
  return text;
}

std::string recipient_label(const RecipientReport& recipient, bool reveal, const Messages& messages) {
  if (!recipient.host.empty()) return to_utf8(as_bytes(recipient.host.text(reveal)));
  return recipient.addresses.empty() ? messages.text("host.unknown") : recipient.addresses.front();
}

namespace {

/// Bytes that nobody looked into and that may have said something: not those seen before, never sent or left out.
std::uint64_t unread_bytes(const CoverageReport& coverage, bool damaged_only) {
  std::uint64_t sum = 0;
  for (const CoverageLine& line : coverage.lines) {
    if (line.fate != Fate::unread) continue;
    const bool damaged = line.reason == "fragment-lost" || line.reason == "malformed" || line.reason == "unknown-link";
    if (damaged || (!damaged_only && (line.reason == "not-ip" || line.reason == "no-transport"))) sum += line.bytes;
  }
  return sum;
}

}  // namespace

std::string coverage_in_short(const CoverageReport& coverage, const Messages& messages) {
  if (coverage.phone_bytes() == 0) return messages.text("coverage.short.nothing");
  std::vector<std::string> parts, sentences;
  if (const double closed = coverage.opaque_share(); closed > 0) {
    parts.push_back(messages.text("coverage.short.closed", {{"share", readable_share(closed, messages)}}));
  }
  if (const double raw = coverage.raw_share(); raw > 0) {
    parts.push_back(messages.text("coverage.short.raw", {{"share", readable_share(raw, messages)}}));
  }
  if (!parts.empty()) {
    sentences.push_back(messages.text("coverage.short.of", {{"parts", fmt::format("{}", fmt::join(parts, ", "))}}));
  }
  const auto add = [&](const char* key, std::uint64_t bytes) {
    if (bytes > 0) sentences.push_back(messages.text(key, {{"size", readable_size(bytes, messages)}}));
  };
  add("coverage.short.missing", coverage.missing_bytes);
  add("coverage.short.left-out", coverage.left_out_bytes());
  if (coverage.partly_decoded_messages > 0) {
    sentences.push_back(messages.text(
        "coverage.short.partly", {{"messages", messages.counted("count.messages", coverage.partly_decoded_messages)}}));
  }
  if (!sentences.empty()) return fmt::format("{}", fmt::join(sentences, " "));
  const std::uint64_t others = unread_bytes(coverage, false);
  if (others == 0) return messages.text("coverage.short.all");
  return messages.text("coverage.short.all-but", {{"size", readable_size(others, messages)}});
}

std::vector<std::string> coverage_sentences(const CoverageReport& coverage, const Messages& messages) {
  std::vector<std::string> sentences;
  const double total = static_cast<double>(std::max<std::uint64_t>(coverage.bytes, 1));
  if (const double closed = coverage.opaque_share(); closed > 0) {
    sentences.push_back(messages.text("coverage.closed", {{"share", readable_share(closed, messages)}}));
  }
  for (const CoverageLine& line : coverage.lines) {
    const std::string share = readable_share(static_cast<double>(line.bytes) / total, messages);
    const std::string amount =
        messages.text("coverage.amount", {{"share", share}, {"size", readable_size(line.bytes, messages)}});
    sentences.push_back(sentence(line, amount, messages));
  }
  if (coverage.missing_bytes > 0) {
    sentences.push_back(
        messages.text("coverage.missing", {{"size", readable_size(coverage.missing_bytes, messages)},
                                           {"flows", messages.counted("count.flows", coverage.missing_flows)}}));
  }
  if (coverage.partly_decoded_messages > 0) {
    sentences.push_back(messages.text(
        "coverage.partly", {{"messages", messages.counted("count.messages", coverage.partly_decoded_messages)}}));
  }
  return sentences;
}

std::vector<std::string> blind_spots(const Messages& messages) {
  std::vector<std::string> sentences;
  for (const char* key : {"blind.mobile", "blind.sms", "blind.radios", "blind.servers", "blind.keys"}) {
    sentences.push_back(messages.text(key));
  }
  return sentences;
}

namespace {

std::string headline_of_none(const AuditDocument& document, const Messages& messages) {
  const CoverageReport& coverage = document.coverage;
  if (coverage.phone_bytes() == 0) return messages.text("headline.absent");
  if (document.only_hosts_asked_for) return messages.text("headline.none-asked");
  if (coverage.opaque_share() > 0) return messages.text("headline.none-closed");
  const bool raw = coverage.raw_share() > 0 || coverage.missing_bytes > 0 || coverage.partly_decoded_messages > 0 ||
                   unread_bytes(coverage, true) > 0;
  return messages.text(raw ? "headline.none-raw" : "headline.none");
}

std::string whole_headline(const AuditDocument& document, const Messages& messages) {
  std::set<std::string> recipients, data;
  bool local = false;
  for (const DisclosureReport& each : document.disclosures) {
    if (each.certainty != Certainty::verified || each.direction != Travel::sent) continue;
    data.insert(each.datum);
    local |= each.recipient.local;
    if (!each.recipient.local) recipients.insert(recipient_label(each.recipient, true));
  }
  if (data.empty()) return headline_of_none(document, messages);
  // A router at home is nobody's company.
  const std::string whom = recipients.empty() ? messages.text("headline.local-only")
                           : local            ? messages.counted("headline.recipients-and-local", recipients.size())
                                              : messages.counted("headline.recipients", recipients.size());
  std::string text = messages.text(document.subjects.size() > 1 ? "headline.sent-several" : "headline.sent",
                                   {{"data", messages.counted("headline.data", data.size())}, {"recipients", whom}});
  if (const std::uint64_t clear = message_sum(document, is_told).clear; clear > 0)
    text += messages.counted("headline.clear", clear);
  return text + ".";
}

}  // namespace

std::string headline(const AuditDocument& document, const Messages& messages) {
  std::string text = whole_headline(document, messages);
  if (document.coverage.left_out_bytes() > 0) text += " " + messages.text("headline.part");
  if (document.only_hosts_asked_for) text += " " + messages.text("headline.asked");
  return text;
}

}  // namespace tattle
