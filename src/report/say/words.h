#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "assess/document.h"
#include "report/say/messages.h"

namespace tattle {

// Words for readers, in the language of `messages`; the terminal's are English.

/// What people call a datum of the subject file: `phone-number` is "phone number", `imei` "IMEI (device number)".
std::string datum_label(std::string_view datum, const Messages& messages = Messages::english());

/// What people call a planted entry: `sms#2` is "text message 2", `imei#1` only "IMEI (device number)" where there is
/// no second one, and one with a name of its own "location “home”".
/// @param entry  As printed; may be empty.
std::string entry_label(const AuditDocument& document, std::string_view entry, std::string_view datum,
                        const Messages& messages = Messages::english());

/// Data of the log (`location, wifi-network`) as readers call them.
std::string data_labels(std::string_view words, const Messages& messages);
/// A switch of the log (`feedback: off, tips: on`), its states in the language of the page.
std::string setting_label(std::string_view setting, const Messages& messages);

/// What people call a form: `plain` is "readable", `sha1` "SHA-1 hash".
std::string form_label(std::string_view form, const Messages& messages = Messages::english());

/// What an anomaly means (data/anomalies.tsv), in English; the name itself when it is not listed.
std::string_view anomaly_meaning(std::string_view name);

/// `in clear`, `under TLS`, …
std::string protection_label(Protection protection, const Messages& messages = Messages::english());

/// The version of TLS or SSL nearest to the value.
struct TlsVersion {
  std::string name;         // `TLS 1.2`; empty: none, or not known
  bool deprecated = false;  // SSL (RFC 7568), TLS 1.0 and 1.1 (RFC 8996)
};
TlsVersion tls_version_of(const DisclosureReport& disclosure);

/// As protection_label, with the version where it is known: `under TLS 1.3`.
std::string transport_label(const DisclosureReport& disclosure, const Messages& messages = Messages::english());

/// `encrypted on the way (TLS 1.3)`, `in clear, readable by anyone on the way`, …
std::string protection_in_full(const DisclosureReport& disclosure, const Messages& messages = Messages::english());

/// `1 packet`, `12 packets`; English.
std::string counted(std::uint64_t count, std::string_view singular, std::string_view plural = {});

/// What was captured: `12 packets`, `3 entries`, `12 packets and 3 entries`.
std::string counted_units(const CoverageReport& coverage, const Messages& messages = Messages::english());

/// `812 bytes`, `12.4 kB`, `1.3 MB`; SI units.
std::string readable_size(std::uint64_t bytes, const Messages& messages = Messages::english());

/// `37 %`; `under 1 %` and `over 99 %` rather than a rounded 0 or 100 that would mislead.
std::string readable_share(double share, const Messages& messages = Messages::english());

/// `12 seconds`, `43 minutes`, `2.5 hours`.
/// @param kind  `duration`, or `span` where the language has another form for "in …".
std::string readable_duration(Time from, Time to, const Messages& messages = Messages::english(),
                              std::string_view kind = "duration");

/// A length of time to one decimal, for what is repeated: `4.5 minutes`, `3.2 seconds`.
/// @param kind  As above.
std::string readable_period(double seconds, const Messages& messages = Messages::english(),
                            std::string_view kind = "duration");

/// Name of a country (ISO 3166-1 alpha-2), the code itself when unknown.
std::string country_name(std::string_view code, const Messages& messages = Messages::english());

/// Such countries in a sentence: `the United States, Finland`.
std::string countries_in(const Messages& messages, const std::vector<std::string>& codes);

/// The recipient's host, else its first address, else "unknown host".
std::string recipient_label(const RecipientReport& recipient, bool reveal,
                            const Messages& messages = Messages::english());

/// What of the phone's traffic could not be judged, or that all of it could: one sentence for the first screen.
std::string coverage_in_short(const CoverageReport& coverage, const Messages& messages = Messages::english());

/// Coverage in plain words, one sentence each, most important first.
std::vector<std::string> coverage_sentences(const CoverageReport& coverage,
                                            const Messages& messages = Messages::english());

/// What no capture on this network path can show, one sentence each.
std::vector<std::string> blind_spots(const Messages& messages = Messages::english());

/// The one sentence that says it all.
std::string headline(const AuditDocument& document, const Messages& messages = Messages::english());

}  // namespace tattle
