#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "evidence/run_record.h"

namespace tattle {

/// One thing that was done with a folder of evidence: one line of `custody.jsonl`.
struct CustodyEvent {
  Time time;                        // by the computer's clock
  std::string command;              // `seal`, `custody add`, …
  std::string name, host;           // who, as they call themselves; where
  std::string note;                 // in the words of who did it; may be empty
  std::vector<RecordedFile> files;  // that it put into the folder, by path in it
};

/// Up to which line the log is pinned by something that is signed.
struct CustodyHead {
  std::uint64_t lines = 0;
  std::string sha256;  // of the last line, its line end included; zeros for no line
  bool operator==(const CustodyHead&) const = default;
};

struct CustodyLog {
  std::vector<CustodyEvent> events;
  std::vector<std::string> hashes;  // of the lines
  CustodyHead head() const;
};

/// The log's name in its folder, and the greatest size that is read back, in bytes.
inline constexpr std::string_view kCustodyFile = "custody.jsonl";
inline constexpr std::uint64_t kCustodyBytes = 64 << 20;

/// Every line follows from the one before: it holds the SHA-256 of that line, which `sed -n 3p custody.jsonl |
/// sha256sum` prints as well. An empty text is an empty log.
/// @error custody.line   A line is no event, or the last one has no end; `offset` is the line's number from 1.
/// @error custody.chain  A line does not follow from the one before it.
Result<CustodyLog> parse_custody(std::string_view text);

/// Whether the log is what `pinned` stood for, grown or not.
bool extends(const CustodyLog& log, const CustodyHead& pinned);

/// The event's line, with its end, as it follows `head`.
std::string custody_line(const CustodyEvent& event, const CustodyHead& head);

/// The log of a folder; empty when there is none.
/// @throws UserError  It cannot be read or its chain is broken.
CustodyLog read_custody(const std::string& folder);

/// Appends to the folder's log, one writer at a time, whole or not at all; begins the log when there is none.
/// @throws UserError  As read_custody; or the log does not extend `pinned` (nothing is appended to a rewritten log).
CustodyHead append_custody(const std::string& folder, const CustodyEvent& event, const CustodyHead& pinned = {});

/// An event of now, by `name` (empty: the login name) on this computer.
CustodyEvent custody_event(std::string command, std::string name, std::string note);

}  // namespace tattle
