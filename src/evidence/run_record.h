#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attribute/used_facts.h"
#include "base/limits.h"
#include "base/time.h"

namespace tattle {

/// A file that an audit read, as it was then.
struct RecordedFile {
  std::string path;    // absolute; `-` when it came on standard input
  std::string sha256;  // lower-case hex, of its bytes on disk
  std::uint64_t size = 0;
};

struct RecordedSubject {
  RecordedFile file;
  std::vector<std::string> addresses;  // the phone's, as given or inferred: MAC addresses and prefixes
};

/// A further file that an option named: `--places`, …
struct RecordedOptionFile {
  std::string option;
  RecordedFile file;
};

/// All that is needed to run an audit again: `run.json` beside `audit.json`. It holds paths of the computer and the
/// time of day, which `audit.json` must not depend on. Readers ignore members that they do not know.
struct RunRecord {
  static constexpr int kSchema = 1;
  static constexpr std::string_view kFileName = "run.json";
  std::string version;                 // of tattle
  std::vector<std::string> arguments;  // the command line without the program's name
  std::string folder;                  // that its relative paths start from
  std::vector<RecordedFile> captures;  // in the order of the command line; an archive is one file
  std::vector<RecordedFile> keys;
  std::vector<RecordedSubject> subjects;
  std::vector<RecordedOptionFile> files;
  std::vector<UsedFacts> facts;                               // that it rests on; paths absolute
  std::string filter, since, until;                           // of packets, as given
  std::vector<std::string> devices, hosts;                    // --device, --host
  std::string data;                                           // --data
  bool reveal = false;                                        // audit.json beside it shows values
  std::vector<std::pair<std::string, std::uint64_t>> limits;  // those that were changed, by name
  Time started, ended;                                        // by the computer's clock
};

/// Says what a file is now. `-` gives an entry without a hash.
/// @throws UserError  It is missing or cannot be read.
RecordedFile record_file(const std::string& path);
/// The limits that differ from those of a fresh program.
std::vector<std::pair<std::string, std::uint64_t>> changed_limits(const Limits& limits);
/// The limits of the run.
/// @throws UserError  One has a name that this version does not know.
Limits limits_of(const RunRecord& record);

std::string to_json(const RunRecord& record);
/// @param name  Of the file, for what is said of it.
/// @throws UserError  It is no run record, or one of a later schema.
RunRecord parse_run_record(std::string_view json, const std::string& name);
/// Reads `AUDIT/run.json`.
/// @throws UserError  `folder` is not a folder written by `audit --out`, or one of a version that wrote no run.json.
RunRecord read_run_record(const std::string& folder);

}  // namespace tattle
