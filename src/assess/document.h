#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assess/cause/prompting.h"
#include "assess/table/round_trips.h"
#include "attribute/facts/law.h"
#include "attribute/facts/relation.h"
#include "attribute/recipient.h"
#include "attribute/used_facts.h"
#include "base/packet_ref.h"
#include "base/time.h"
#include "capture/capture_origin.h"
#include "protocol/message.h"

namespace tattle {

/// A text from traffic or the subject file, whole and with the planted values in it hidden. UTF-8 is not promised.
struct Shown {
  std::string clear;
  std::string masked;
  const std::string& text(bool reveal) const { return reveal ? clear : masked; }
  bool empty() const { return clear.empty(); }
};

enum class Certainty : std::uint8_t { verified, inferred };
std::string_view to_string(Certainty certainty);

enum class Travel : std::uint8_t { sent, received };
std::string_view to_string(Travel travel);

struct SubjectReport {
  Shown name;
  std::string maker, model, system, system_vendor;
  std::vector<Shown> addresses;  // MAC addresses and prefixes it is known by, then those it was met at
  std::string ground;            // why it is taken for the phone
  struct Entry {                 // everything that was planted, seen or not
    Shown name;
    std::string datum, kind;
    Shown value;
  };
  std::vector<Entry> entries;
  std::vector<std::string> warnings;
};

struct CaptureReport {
  std::string name;         // as given on the command line, without its folders if that is unambiguous
  std::string sha256;       // lower-case hex
  std::uint64_t bytes = 0;  // size of the file
  std::uint64_t packets = 0;
  bool entries = false;              // a HAR or the like: `packets` counts its entries, evidence in it names them
  std::uint64_t captured_bytes = 0;  // of its packets
  std::string format;                // `pcapng (gzip)`
  bool cut = false;                  // ended in the middle of a packet
  Time first, last;                  // of its packets; 0 when there is none
  CaptureOrigin origin;  // where and with what it was recorded, as far as the file says; planted values hidden
};

/// Where one occurrence can be seen.
struct Evidence {
  std::uint32_t capture = 0;  // index in AuditDocument::captures
  PacketRuns packets;         // of that capture
  std::uint64_t flow = 0, message = 0;
  Time time;
};

struct RecipientReport {
  Shown host;                                          // empty: not known
  std::vector<std::string> addresses;                  // sorted; empty behind a proxy
  std::string organisation, operated_by;               // empty: not known
  std::string organisation_source, organisation_date;  // who says that the host's name is that organisation's
  std::string country_source, country_date;            // who says where the addresses are registered
  std::string network;          // holder of the autonomous system; `local network`; empty when not known or several
  std::uint32_t as_number = 0;  // likewise
  std::string country;          // ISO 3166-1 alpha-2; likewise
  std::vector<std::string> networks, countries;  // all of them, when the addresses belong to several
  bool local = false;

  HostGround host_ground = HostGround::none;
  std::string hosted_by;  // whose machines stand under the name, where others rent them
  std::string note;       // what must be said beside the organisation
  struct Owner {          // of the organisation, on that day
    std::string name, source, date;
  };
  std::optional<Owner> owner;
  Relation relation = Relation::unknown;
  Shown relation_ground;
  LawFacts law;
  std::optional<DistanceBound> distance;
  bool anycast = false;  // a cloud's or announced from many places: registered somewhere, the disk may be elsewhere
  std::string anycast_ground;
};

struct SenderReport {
  std::string kind = "unknown";  // `maker`, `system`, `app`, `unknown`
  Shown name;                    // empty: not known
  Shown ground;
  std::string ja4, http2;  // fingerprints, when all flows had the same; empty: none, or several
  bool inferred = false;   // by what it has in common with flows whose sender the capture records
};

/// At whose prompting a disclosure was sent, as far as its times say anything (docs/prompting.md).
struct PromptingReport {
  std::string kind;  // `server-message`, `trigger`, `unexplained`, `not-shown`, `none-seen`
  Following following;
  std::uint64_t tests = 0;                           // made in all: the level was divided by it; 0: no test was made
  Shown server;                                      // who spoke; empty: nobody, or it says nothing
  std::optional<Latency> push;                       // of `trigger`: until that server spoke
  std::uint64_t pushed = 0;                          // of `trigger`: after so many it spoke before the upload
  std::uint64_t controls = 0, control_followed = 0;  // of `trigger`: windows without one, and those with an upload
  std::uint64_t unexplained = 0;                     // of `trigger`: uploads behind messages that no trigger explains
  Shown ground;                                      // whole sentences
};

struct PathReport {
  std::string step;
  Shown detail;
};

/// One line of the tester's log.
struct ActionReport {
  Time time;
  double uncertainty_s = 0;
  Shown action, app, setting, trigger, recipient;                          // the last with commas between
  std::string usual;                                                       // `default` of the setting; may be empty
  std::vector<std::string> asked, granted, refused, told, told_elsewhere;  // data
  std::string screen_sha256;                                               // of its photograph; may be empty
  Shown screen_text;
  bool rest = false;  // says that nothing is done from then on
};

/// When a disclosure comes at regular times.
struct PeriodReport {
  double seconds = 0;             // median interval
  double jitter_s = 0;            // median of the intervals' distance from it
  std::uint64_t occurrences = 0;  // messages, or bursts of them, that it is made of
  double burst_s = 0;             // messages that followed each other within this time count as one; 0: each by itself
};

/// The time of which the tester's log says everything, both ends included.
struct LogCover {
  Time from;
  std::optional<Time> until;  // absent: its last line says that nothing is done from then on
  bool holds(Time time) const { return from <= time && (!until || time <= *until); }
};

/// Occurrences beside the tester's actions, and beside none.
struct TimingReport {
  double window_s = 0;     // what begins within this time after an action is beside it, the log's uncertainty added
  std::uint64_t idle = 0;  // occurrences beside no action, while the log was kept
  struct Beside {
    std::size_t action = 0;  // index of the first action of this kind
    std::uint64_t count = 0;
    double median_s = 0, max_s = 0;  // from the action to the message
  };
  std::vector<Beside> beside;     // most first
  std::uint64_t others = 0;       // beside further actions, or under way while something was done
  std::uint64_t not_covered = 0;  // beside none, at a time of which the log says nothing: neither asked nor unasked
};

/// How occurrences lie to the answers that prompts for this datum were given. The gravest state that any is in.
enum class PermissionState : std::uint8_t {
  after_refused,   // the latest answer was no
  before_granted,  // it was granted later, by more than the log's uncertainty
  before_refused,  // likewise refused, and never granted
  // No line of the log says that its prompt was this sender's or spoke of this recipient:
  before_first_prompt,  // of whomever, for this datum
  too_close,            // to an answer, or to that prompt, to say on which side
  after_granted,
  after_first_prompt,  // as before_first_prompt
  unknown,             // the log has no prompt for this datum
};
std::string_view to_string(PermissionState state);

struct PermissionReport {
  PermissionState state = PermissionState::unknown;
  std::uint64_t count = 0;  // occurrences in that state
  std::size_t action = 0;   // whose answer or prompt it is; not for `unknown`
  double gap_s = 0;         // between that and the first of these occurrences
};

enum class Told : std::uint8_t {
  not_as_far_as_recorded,
  mentioned_elsewhere,  // as `mentioned`, by something else than the phone
  asked,                // a prompt asked for such data: no more than that
  mentioned,            // a screen spoke of such data; that it spoke of this recipient or sender is not shown
  elsewhere,
  at_a_screen,
};
std::string_view to_string(Told told);

struct ToldReport {
  Told told = Told::not_as_far_as_recorded;
  std::uint64_t late = 0;             // of what a screen told, mentioned or asked: occurrences before the first such
  std::optional<std::size_t> action;  // that first one, or what told elsewhere
};

struct DisclosureReport {
  std::string id;   // `D1`, gravest first
  std::string key;  // 32 hex digits, stable between runs
  std::uint32_t subject = 0;
  Shown entry;  // empty for inferred shapes
  std::string datum, kind;
  Shown value;                     // as met in the first occurrence
  std::vector<std::string> parts;  // of the entry that were met: `value`, `from`, `ssid`, …
  Certainty certainty = Certainty::inferred;
  double chance = 0;    // accidental matches to be expected in all bytes searched
  Shown corroboration;  // the context that made it verified, when chance alone does not
  std::string form;
  std::vector<std::string> terms;  // of the W3C Data Privacy Vocabulary, as IRIs
  std::string term_note;           // what the term leaves open; mostly empty
  Travel direction = Travel::sent;
  Protection transport = Protection::unknown;
  std::vector<PathReport> path;
  std::uint64_t count = 0;
  Time first, last;
  Role role = Role::destination;
  RecipientReport recipient;
  SenderReport sender;
  std::optional<PromptingReport> prompting;  // of what the phone sent itself
  std::vector<std::string> linked;           // ids of disclosures that it was sent together with, tied by an account id
  std::vector<Evidence> evidence;      // the first and the last five occurrences; one for each capture that carried it
  std::vector<std::uint64_t> numbers;  // of Occurrence::number that it is made of
  std::uint64_t timed = 0;             // occurrences that what follows rests on: the first ones, mostly all
  std::optional<PeriodReport> period;  // of its messages; absent: not regular
  // Absent without a log of the tester's; the last two also of what came back.
  std::optional<TimingReport> timing;
  std::optional<PermissionReport> permission;
  std::optional<ToldReport> told;
};

/// One endpoint the phone talked to, whether or not anything was found.
struct ContactReport {
  RecipientReport recipient;
  std::vector<Role> roles;
  std::uint64_t flows = 0;
  std::uint64_t messages = 0;
  std::uint64_t sent_bytes = 0, received_bytes = 0;  // payload of the flows that ended at it
  std::uint64_t opaque_bytes = 0;                    // of these, encrypted and closed to this report
  std::uint64_t raw_bytes = 0;                       // of these, of no known protocol: searched as they are
  std::uint64_t opaque_flows = 0;
  Time first, last;
  std::vector<std::string> disclosures;  // ids
};

/// What became of the captured bytes. All fates' bytes add up to `bytes`.
enum class Fate : std::uint8_t {
  read,          // by a protocol's parser, and searched
  searched_raw,  // searched as they are
  opaque,        // encrypted; the reason says why it stayed closed
  other_device,  // payload of flows without the phone
  unread,        // packets of which nothing was read; the reason says why
  framing,       // headers, handshakes, retransmissions: carry no content of their own
};
std::string_view to_string(Fate fate);

struct CoverageLine {
  Fate fate = Fate::read;
  std::string reason;         // `no-key`, `not-ip`, …; empty where the fate says it all
  std::uint64_t bytes = 0;    // as captured
  std::uint64_t flows = 0;    // with any such bytes; a flow may be in several lines
  std::uint64_t packets = 0;  // for `unread`
};

struct CoverageReport {
  std::uint64_t packets = 0, bytes = 0;  // captured
  std::uint64_t entries = 0;             // of imports; not among the packets
  std::uint64_t flows = 0;               // all
  std::uint64_t messages = 0;            // of the phones' flows
  std::uint64_t searched_bytes = 0;      // after decoding; may exceed `bytes`
  std::uint64_t missing_bytes = 0;       // not in the capture at all, so not part of `bytes`
  std::uint64_t missing_flows = 0;
  std::uint64_t partly_decoded_messages = 0;  // a limit ended their decoding
  std::uint64_t dropped_occurrences = 0;      // found, but past the limit `disclosures`
  std::vector<CoverageLine> lines;            // in a fixed order, empty ones left out
  std::uint64_t bytes_of(Fate fate) const;
  /// What --filter, --since and --until left out; nobody knows whose it is.
  std::uint64_t left_out_bytes() const;
  /// The phone's own payload: read, searched raw and opaque. 0: there is nothing to judge the phone by.
  std::uint64_t phone_bytes() const;
  /// Of the phone's own payload (read, searched raw and opaque), the part that stayed closed: 0 to 1.
  double opaque_share() const;
  /// The part that followed no known protocol: searched as it is, which sees through no encryption of its own.
  double raw_share() const;
};

/// Messages that carried just these disclosures together: what sums over disclosures are made of, as a message that
/// carries three values, or reaches a proxy and the site behind it, is one message (assess/message_sums.h).
struct CarriedReport {
  std::vector<std::uint32_t> disclosures;  // indices of AuditDocument::disclosures, ascending; one direction only
  std::uint64_t messages = 0;
  std::uint64_t idle = 0;                 // of these, beside no action of the tester's log; 0 without one
  std::optional<std::size_t> left_alone;  // the line of the log since which the phone lay untouched then
  std::uint64_t not_covered = 0;          // beside none, at a time of which the log does not say everything
};

/// What hangs together.
struct LinkReport {
  std::string kind;  // `account`: what was sent together with this identifier; `same-value`: to several recipients
  std::uint32_t subject = 0;
  Shown entry;  // of the identifier, or of the value
  std::string datum;
  std::vector<std::string> disclosures;  // ids; of `account` the identifier's own first
  std::vector<Shown> recipients;         // host, else address
};

/// What was seen only after a sign-in, or only before it. That is no proof that the sign-in is why.
struct ChangeReport {
  std::size_t action = 0;                   // index in the log
  std::vector<std::string> began, stopped;  // ids of disclosures
  std::vector<Shown> recipients_began;      // host, else address
};

/// A setting of the log, and what was seen of verified values sent before and after it. No proof of what it does.
struct SwitchReport {
  std::size_t action = 0;  // index in the log
  struct Still {
    std::string disclosure;  // id
    std::uint64_t before = 0, after = 0;
    Time last_before, first_after;
  };
  std::vector<Still> still;              // seen before it and after it
  std::vector<std::string> only_before;  // ids
  std::vector<std::string> only_after;   // ids
};

struct AnomalyReport {
  std::string name;
  std::uint64_t count = 0;
  PacketId first;
};

struct PlacesReport {
  bool known = false;  // both countries and networks
  bool countries = false, networks = false;
  std::string how;                       // how to get what is missing
  std::vector<std::string> attribution;  // to be printed wherever countries or networks are shown
};

/// Everything an audit has to say; plain data, for the writers of JSON, HTML and the terminal.
struct AuditDocument {
  static constexpr int kSchema = 1;
  std::string version;  // of tattle; set by the caller
  std::vector<SubjectReport> subjects;
  std::vector<CaptureReport> captures;
  CoverageReport coverage;
  PlacesReport places;
  std::vector<DisclosureReport> disclosures;   // gravest first
  std::vector<ContactReport> recipients;       // most disclosures first, then most bytes
  std::vector<ActionReport> actions;           // by time; empty without a log
  std::optional<LogCover> log_cover;           // absent without a log
  std::optional<std::int32_t> clock_offset_s;  // of the clock of that log from UTC; absent: several, or not known
  std::vector<CarriedReport> carried;          // in a fixed order
  bool carried_exact = true;                   // false: past a limit, sums of it may count a message several times
  std::vector<LinkReport> links;               // by the gravest disclosure in it
  std::vector<ChangeReport> changes;           // one for each sign-in of the log
  std::vector<SwitchReport> switches;          // one for each setting of the log, by time
  std::vector<AnomalyReport> anomalies;        // by name
  std::vector<std::string> warnings;           // whole sentences for the user
  std::string vocabulary, vocabulary_version;  // whose terms disclosures bear; empty: none
  std::vector<UsedFacts> facts;                // files that this rests on, beside the captures
  bool only_hosts_asked_for = false;           // --host: other disclosures and recipients are not listed

  /// What is counted in a capture.
  const char* unit_of(std::uint32_t capture) const {
    return capture < captures.size() && captures[capture].entries ? "entry" : "packet";
  }
};

}  // namespace tattle
