#include "report/words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "decode/token/text.h"

namespace tattle {

extern const std::string_view kAnomalyTable;  // data/anomalies.tsv, embedded

namespace {

struct Word {
  std::string_view word, label;
};

constexpr Word kData[] = {{"imei", "IMEI (device number)"},
                          {"meid", "MEID (device number)"},
                          {"imsi", "IMSI (subscriber number)"},
                          {"iccid", "ICCID (SIM card number)"},
                          {"sms", "text message"},
                          {"mail", "e-mail message"},
                          {"email", "e-mail address"},
                          {"wifi-network", "Wi-Fi network"},
                          {"user-agent", "browser identification"},
                          {"browsing", "page visited"},
                          {"advertising-id", "advertising ID"},
                          {"android-id", "Android ID"},
                          {"account-id", "account ID"},
                          {"device-id", "device ID"},
                          {"mac-address", "MAC address"}};

constexpr Word kForms[] = {{"plain", "readable"},      {"md5", "MD5 hash"},
                           {"sha1", "SHA-1 hash"},     {"sha256", "SHA-256 hash"},
                           {"sha512", "SHA-512 hash"}, {"host-name", "name of the site only"}};

std::string label_of(std::span<const Word> words, std::string_view word) {
  for (const Word& each : words) {
    if (each.word == word) return std::string(each.label);
  }
  std::string label(word);
  std::replace(label.begin(), label.end(), '-', ' ');
  return label;
}

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

std::string_view opaque_reason(std::string_view reason) {
  if (reason == "no-key") return "were encrypted and no key was given";
  if (reason == "key-mismatch") return "were encrypted and the keys given do not fit";
  if (reason == "handshake-unseen")
    return "were encrypted and their beginning, which is needed to open them, was not captured";
  if (reason == "unsupported") return "were encrypted in a way that this version does not open";
  if (reason == "quic") return "were QUIC, which this version does not open";
  if (reason == "encrypted-tunnel") return "went through an encrypted tunnel";
  if (reason == "encrypted-link") return "were encrypted on the air, by the Wi-Fi network";
  return "were encrypted and stayed closed";
}

std::string_view unread_reason(std::string_view reason) {
  if (reason == "not-ip") return "were not IP (ARP and the like)";
  if (reason == "unknown-link") return "came over a kind of link that this version does not read";
  if (reason == "malformed") return "had headers that do not hold together";
  if (reason == "no-transport") return "were neither TCP nor UDP (ICMP and the like)";
  if (reason == "fragment-lost") return "were fragments whose other parts never came";
  if (reason == "duplicate") return "were captured twice and counted once";
  if (reason == "left-out") return "were left out by --filter, --since or --until";
  return "were not read";
}

std::string sentence(const CoverageLine& line, const std::string& amount) {
  switch (line.fate) {
    case Fate::read:
      return amount + " were read: protocol understood, contents searched.";
    case Fate::searched_raw:
      return amount + " followed no protocol known to this version and were searched as they are.";
    case Fate::opaque:
      return amount + " " + std::string(opaque_reason(line.reason)) + ". What they held is not known.";
    case Fate::other_device:
      return amount + " belong to other devices on the network: counted, not looked into.";
    case Fate::unread:
      return amount + " " + std::string(unread_reason(line.reason)) + ".";
    case Fate::framing:
      return amount + " were headers, handshakes and repetitions, which carry no content of their own.";
  }
  return amount;
}

}  // namespace

std::string datum_label(std::string_view datum) { return label_of(kData, datum); }
std::string form_label(std::string_view form) { return label_of(kForms, form); }

std::string_view anomaly_meaning(std::string_view name) {
  static const std::map<std::string_view, std::string_view> meanings = parse_anomaly_table();
  auto found = meanings.find(name);
  return found == meanings.end() ? name : found->second;
}

std::string_view protection_label(Protection protection) {
  switch (protection) {
    case Protection::clear:
      return "in clear";
    case Protection::tls:
      return "under TLS";
    case Protection::quic:
      return "under QUIC";
    case Protection::dtls:
      return "under DTLS";
    case Protection::unknown:
      return "protection unknown";
  }
  return "protection unknown";
}

std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural) {
  if (count == 1) return fmt::format("1 {}", singular);
  return plural.empty() ? fmt::format("{} {}s", count, singular) : fmt::format("{} {}", count, plural);
}

std::string counted_units(const CoverageReport& coverage) {
  if (coverage.entries == 0) return counted(coverage.packets, "packet");
  const std::string entries = counted(coverage.entries, "entry", "entries");
  return coverage.packets == 0 ? entries : counted(coverage.packets, "packet") + " and " + entries;
}

std::string readable_size(std::uint64_t bytes) {
  if (bytes < 1000) return counted(bytes, "byte");
  constexpr std::string_view kUnits[] = {"kB", "MB", "GB", "TB"};
  double size = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (size >= 999.95 && unit + 1 < std::size(kUnits)) {
    size /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string readable_share(double share) {
  if (share > 0 && share < 0.01) return "under 1 %";
  if (share < 1 && share > 0.99) return "over 99 %";
  return fmt::format("{:.0f} %", share * 100);
}

std::string readable_duration(Time from, Time to) {
  const double seconds = static_cast<double>(to.ns - from.ns) / 1e9;
  if (seconds < 1) return "less than a second";
  if (seconds < 120) return counted(static_cast<std::uint64_t>(std::lround(seconds)), "second");
  if (seconds < 2 * 3600) return counted(static_cast<std::uint64_t>(std::lround(seconds / 60)), "minute");
  if (seconds < 48 * 3600) return fmt::format("{:.1f} hours", seconds / 3600);
  return fmt::format("{:.1f} days", seconds / 86400);
}

std::string country_name(std::string_view code) {
  if (code.size() != 2) return std::string(code);
  const icu::Locale country("", std::string(code).c_str());
  icu::UnicodeString name;
  country.getDisplayCountry(icu::Locale::getEnglish(), name);
  std::string text;
  name.toUTF8String(text);
  return text.empty() ? std::string(code) : text;
}

std::string recipient_label(const RecipientReport& recipient, bool reveal) {
  if (!recipient.host.empty()) return to_utf8(as_bytes(recipient.host.text(reveal)));
  return recipient.addresses.empty() ? "unknown host" : recipient.addresses.front();
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

std::string coverage_in_short(const CoverageReport& coverage) {
  if (coverage.phone_bytes() == 0) return "Nothing of the phone was seen.";
  std::vector<std::string> parts;
  if (const double closed = coverage.opaque_share(); closed > 0) {
    parts.push_back(fmt::format("{} was encrypted and stayed closed", readable_share(closed)));
  }
  if (const double raw = coverage.raw_share(); raw > 0) {
    parts.push_back(
        fmt::format("{} followed no known protocol and was searched only as it stands", readable_share(raw)));
  }
  std::string text = parts.empty() ? "" : fmt::format("Of the phone's traffic {}.", fmt::join(parts, ", "));
  if (coverage.missing_bytes > 0) {
    text += fmt::format("{}{} are missing from the capture.", text.empty() ? "" : " ",
                        readable_size(coverage.missing_bytes));
  }
  if (coverage.left_out_bytes() > 0) {
    text += fmt::format("{}{} of the capture were left out, as asked; what they hold is not known.",
                        text.empty() ? "" : " ", readable_size(coverage.left_out_bytes()));
  }
  if (coverage.partly_decoded_messages > 0) {
    text += fmt::format("{}{} could be decoded only in part.", text.empty() ? "" : " ",
                        counted(coverage.partly_decoded_messages, "message"));
  }
  if (!text.empty()) return text;
  const std::uint64_t others = unread_bytes(coverage, false);
  if (others == 0) return "All of the phone's traffic could be read.";
  return fmt::format(
      "All of the phone's TCP and UDP traffic could be read; {} of other or damaged packets were not looked into.",
      readable_size(others));
}

std::vector<std::string> coverage_sentences(const CoverageReport& coverage) {
  std::vector<std::string> sentences;
  const double total = static_cast<double>(std::max<std::uint64_t>(coverage.bytes, 1));
  if (const double closed = coverage.opaque_share(); closed > 0) {
    sentences.push_back(
        fmt::format("{} of what the phone itself sent and received was encrypted and stayed closed. "
                    "That is not clean; it is unknown.",
                    readable_share(closed)));
  }
  for (const CoverageLine& line : coverage.lines) {
    const std::string amount =
        fmt::format("{} of the captured bytes ({})", readable_share(static_cast<double>(line.bytes) / total),
                    readable_size(line.bytes));
    sentences.push_back(sentence(line, amount));
  }
  if (coverage.missing_bytes > 0) {
    sentences.push_back(fmt::format("{} are missing from the capture in {}: lost while recording, or cut off.",
                                    readable_size(coverage.missing_bytes), counted(coverage.missing_flows, "flow")));
  }
  if (coverage.partly_decoded_messages > 0) {
    sentences.push_back(fmt::format("{} hit a decoding limit; what lay deeper was searched as it is.",
                                    counted(coverage.partly_decoded_messages, "message")));
  }
  return sentences;
}

std::vector<std::string> blind_spots() {
  return {"Mobile data: what the phone sends over the cell while not on this network.",
          "Text messages and calls over the cell, and what the SIM card sends by itself.",
          "Bluetooth, NFC and other radios.",
          "What servers pass on to each other, hand over, screen or keep after they received it.",
          "Whatever travels under keys that nobody gave."};
}

namespace {

std::string whole_headline(const AuditDocument& document) {
  std::set<std::string> recipients, data;
  std::uint64_t verified = 0, clear = 0;
  for (const DisclosureReport& each : document.disclosures) {
    if (each.certainty != Certainty::verified || each.direction != Travel::sent) continue;
    ++verified;
    data.insert(each.datum);
    recipients.insert(recipient_label(each.recipient, true));
    if (each.transport == Protection::clear) clear += each.count;
  }
  if (verified == 0) {
    if (document.coverage.phone_bytes() == 0) {
      return "No conversation of the phone is in what was captured: nothing can be said about it.";
    }
    if (document.only_hosts_asked_for) return "No planted value was seen going to the hosts asked for.";
    if (document.coverage.opaque_share() > 0) {
      return "No planted value was seen leaving the phone, but part of its traffic stayed closed.";
    }
    return document.coverage.raw_share() > 0 || document.coverage.missing_bytes > 0 ||
                   document.coverage.partly_decoded_messages > 0 || unread_bytes(document.coverage, true) > 0
               ? "No planted value was seen leaving the phone, but part of its traffic could not be understood."
               : "No planted value was seen leaving the phone.";
  }
  std::string text = fmt::format("{} sent {} to {}", document.subjects.size() > 1 ? "The phones together" : "The phone",
                                 counted(data.size(), "kind of private data", "kinds of private data"),
                                 counted(recipients.size(), "recipient"));
  if (clear > 0)
    text += fmt::format("; {} without any encryption", clear == 1 ? "once" : fmt::format("{} times", clear));
  return text + ".";
}

}  // namespace

std::string headline(const AuditDocument& document) {
  std::string text = whole_headline(document);
  if (document.coverage.left_out_bytes() > 0) text += " Only a part of the capture was looked at, as asked.";
  if (document.only_hosts_asked_for) text += " Only the hosts asked for are listed.";
  return text;
}

}  // namespace tattle
