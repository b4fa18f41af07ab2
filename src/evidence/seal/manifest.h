#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "evidence/run_record.h"
#include "evidence/seal/custody.h"

namespace tattle {

/// Files of a sealed folder that the manifest cannot hold the hash of: itself, what is made from it, and the log that
/// goes on growing. What pins them stands in docs/decisions/sealing.md.
inline constexpr std::string_view kManifestFile = "manifest.json";
inline constexpr std::string_view kSignatureFile = "manifest.json.minisig";
inline constexpr std::string_view kTimestampRequestFile = "manifest.tsq";
inline constexpr std::string_view kTimestampFile = "manifest.tsr";
/// Files that sealing adds and the manifest does hold: for sha256sum, and the public key.
inline constexpr std::string_view kSumsFile = "manifest.sha256";
inline constexpr std::string_view kPublicKeyFile = "manifest.pub";

inline constexpr std::uint64_t kManifestBytes = 64 << 20;  // the greatest that is read back

struct BuildFacts {
  std::string version, commit, compiler;  // `commit` is empty when the sources came without their history
  std::string program_sha256;             // of the program's own file
};

/// What the kernel and the set-up say of the clock that all times here come from.
struct ClockFacts {
  std::optional<bool> synchronised;           // absent: the kernel does not tell
  std::optional<std::uint64_t> max_error_us;  // likewise; grows while nobody corrects the clock
  std::vector<std::string> services;          // programs for it that are set up here; which one ran is not known
};

/// The sample of known truth, audited by this very program.
struct SelftestScore {
  std::uint64_t right = 0, missed = 0, extra = 0, miscounted = 0;
  bool perfect() const { return right > 0 && missed + extra + miscounted == 0; }
  bool operator==(const SelftestScore&) const = default;
};

/// All that a seal states. Paths in the folder are relative to it, with `/`; those outside are absolute.
struct Manifest {
  static constexpr int kSchema = 1;
  Time sealed;
  std::string key_id;  // that signs it
  BuildFacts build;
  ClockFacts clock;
  SelftestScore selftest;
  std::string audit_version;                                   // of the tattle that audited
  std::vector<std::string> arguments;                          // its command line
  std::vector<std::pair<std::string, std::uint64_t>> limits;   // all of them, as the audit had them
  std::vector<RecordedFile> captures, keys, subjects, others;  // what the audit read
  std::vector<RecordedFile> files;                             // of the folder, by path
  CustodyHead custody;
};

/// JSON with sorted members, the same bytes for the same manifest.
std::string to_json(const Manifest& manifest);

/// @error manifest.json     No JSON object.
/// @error manifest.schema   Another version's; `offset` is its number.
/// @error manifest.member   One is missing or of another type.
/// @error manifest.path     Of a file in the folder, but leads out of it or is not sorted.
/// @error manifest.sha256   Not 64 lower-case hex digits.
Result<Manifest> parse_manifest(std::string_view text);

/// For `sha256sum -c` inside the folder.
std::string to_sums(const std::vector<RecordedFile>& files);

/// Whether a path stays in the folder, is UTF-8, and can stand on a line of such sums as it is: relative, no `.` or
/// `..` or empty step, no backslash or control character.
bool is_inner_path(std::string_view path);

}  // namespace tattle
