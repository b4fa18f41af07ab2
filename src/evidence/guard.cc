#include "evidence/guard.h"

#include <fmt/format.h>

#include <filesystem>
#include <initializer_list>

#include "base/result.h"
#include "evidence/seal/manifest_seal.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;

// By what they are on the disk, whatever way the paths take.
bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error);
}

void check_original(const std::string& path, const RecordedFile& file) {
  if (file.path == "-" || !same_file(path, file.path)) return;
  throw UserError(
      fmt::format("{}: the audit was made from this file, which is not written over; name another with -o", path));
}

bool is_sealed(const std::string& folder) {
  std::error_code error;
  return fs::exists(fs::symlink_status(fs::path(folder) / kManifestFile, error));
}

}  // namespace

void check_output(const std::string& path, const std::string& folder, const RunRecord& run) {
  std::error_code error;
  if (path == "-" || !fs::exists(path, error)) return;
  for (const auto* files : {&run.captures, &run.keys}) {
    for (const RecordedFile& each : *files) check_original(path, each);
  }
  for (const RecordedSubject& each : run.subjects) check_original(path, each.file);
  for (const RecordedOptionFile& each : run.files) check_original(path, each.file);
  const fs::path in(folder);
  for (const std::string_view name :
       {std::string_view("audit.json"), std::string_view("audit.db"), std::string_view("report.html"),
        RunRecord::kFileName, kManifestFile, kSignatureFile, kSumsFile, kPublicKeyFile, kTimestampRequestFile,
        kTimestampFile, kCustodyFile}) {
    if (!same_file(path, in / name)) continue;
    throw UserError(
        fmt::format("{}: is part of the audit itself and not written over; name another file with -o", path));
  }
  if (!is_sealed(folder)) return;
  for (const RecordedFile& each : read_manifest(folder).files) {
    if (!same_file(path, in / each.path)) continue;
    throw UserError(fmt::format("{}: is sealed and not written over; name another file with -o", path));
  }
}

void check_unsealed(const std::string& folder) {
  if (!is_sealed(folder)) return;
  throw UserError(
      fmt::format("{}: is sealed, and what was sealed is not written over; name another folder with --out", folder));
}

}  // namespace tattle
