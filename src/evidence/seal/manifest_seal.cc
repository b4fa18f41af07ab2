#include "evidence/seal/manifest_seal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/limits.h"
#include "evidence/seal/file_hash.h"
#include "evidence/seal/manifest_check.h"
#include "evidence/sign/timestamp.h"
#include "report/write_file.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFiledBytes = 1 << 30;  // of one file that joins a folder

std::string in(const std::string& folder, std::string_view name) { return (fs::path(folder) / name).string(); }

bool is_there(const std::string& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

bool stays_out(std::string_view path) {
  return path == kManifestFile || path == kSignatureFile || path == kSumsFile || path == kPublicKeyFile ||
         path == kTimestampRequestFile || path == kTimestampFile || path == kCustodyFile;
}

void check_original(const RecordedFile& file, std::string_view what) {
  if (file.path == "-") return;  // standard input: its hash stands, there is nothing to compare it with
  switch (state_of_file(file.path, file, true)) {
    case FileState::same:
      return;
    case FileState::missing:
      throw UserError(
          fmt::format("{}: this {} is not where the audit read it; put it back, so that its hash can be "
                      "confirmed",
                      file.path, what));
    case FileState::changed:
      throw UserError(
          fmt::format("{}: this {} has changed since the audit; audit it again, then seal", file.path, what));
    case FileState::unreadable:
    case FileState::not_a_file:
      break;
  }
  throw UserError(fmt::format("{}: this {} cannot be read to confirm its hash", file.path, what));
}

std::vector<RecordedFile> check_originals(std::vector<RecordedFile> files, std::string_view what) {
  for (const RecordedFile& each : files) check_original(each, what);
  return files;
}

void take_run_record(Manifest& manifest, const RunRecord& run) {
  manifest.audit_version = run.version;
  manifest.arguments = run.arguments;
  const Limits limits = limits_of(run);
  for (const LimitInfo& info : all_limits()) manifest.limits.emplace_back(info.name, limits.*info.value);
  manifest.captures = check_originals(run.captures, "capture");
  manifest.keys = check_originals(run.keys, "key file");
  for (const RecordedSubject& each : run.subjects) manifest.subjects.push_back(each.file);
  manifest.subjects = check_originals(std::move(manifest.subjects), "subject file");
  for (const RecordedOptionFile& each : run.files) manifest.others.push_back(each.file);
  manifest.others = check_originals(std::move(manifest.others), "file");
}

RecordedFile described(const std::string& path, Bytes bytes) { return {path, sha256_hex(bytes), bytes.size()}; }

struct FileToWrite {
  std::string path;  // in the folder
  std::string text;
};

/// The files of the seal that stands, under seals/N, where they stay.
std::vector<FileToWrite> earlier_seal(const std::string& folder) {
  std::vector<FileToWrite> kept;
  if (!is_there(in(folder, kManifestFile))) return kept;
  int number = 1;
  while (is_there(in(folder, fmt::format("seals/{}", number)))) ++number;
  for (const std::string_view name :
       {kManifestFile, kSignatureFile, kSumsFile, kPublicKeyFile, kTimestampRequestFile, kTimestampFile}) {
    if (!is_there(in(folder, name))) continue;
    kept.push_back({fmt::format("seals/{}/{}", number, name), read_document(in(folder, name), kManifestBytes)});
  }
  return kept;
}

void write_in(const std::string& folder, const FileToWrite& file) {
  const fs::path path = fs::path(folder) / file.path;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) throw UserError(fmt::format("{}: cannot be made: {}", path.parent_path().string(), error.message()));
  write_whole_file(path.string(), as_bytes(file.text));
}

void check_is_audit(const std::string& folder) {
  for (const char* name : {"audit.json", "report.html", "audit.db"}) {
    if (is_there(in(folder, name))) continue;
    throw UserError(fmt::format("{}: holds no {}; seal the folder that `tattle audit --out` wrote", folder, name));
  }
}

/// Where the log of the seal that stands ends; of none, nowhere. Sealing over what was tampered with would hide it.
CustodyHead earlier_custody(const SealRequest& request, const MinisignPublicKey& key) {
  const std::string& folder = request.folder;
  if (!is_there(in(folder, kManifestFile))) return {};
  const Manifest earlier = read_manifest(folder);
  if (!request.again) {
    throw UserError(
        fmt::format("{}: was sealed at {} with key {}; `tattle verify` checks it, and --again seals what has "
                    "joined it since",
                    folder, to_rfc3339(earlier.sealed), earlier.key_id));
  }
  for (const SealFault& fault : check_seal(folder, earlier.key_id == to_string(key.id) ? &key : nullptr, "").faults) {
    if (fault.what == "added") continue;  // that is what a new seal is for
    throw UserError(
        fmt::format("{}: {} since it was sealed: {}; `tattle verify` says more. What was altered is not "
                    "sealed again",
                    folder, fault.what, fault.path));
  }
  return earlier.custody;
}

}  // namespace

std::vector<std::string> files_to_seal(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  auto each = fs::recursive_directory_iterator(folder, error);
  for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
    const std::string path = each->path().lexically_relative(folder).generic_string();
    const auto type = each->symlink_status().type();
    if (type == fs::file_type::directory || stays_out(path)) continue;
    if (type != fs::file_type::regular) {
      throw UserError(fmt::format("{}: is a link or no file; a sealed folder holds files of its own: put a copy there",
                                  each->path().string()));
    }
    if (!is_inner_path(path)) {
      throw UserError(fmt::format("{}: has a backslash, a control character or no UTF-8 in its name; rename it",
                                  each->path().string()));
    }
    paths.push_back(path);
  }
  if (error) throw UserError(fmt::format("{}: cannot be listed: {}", folder, error.message()));
  std::sort(paths.begin(), paths.end());
  return paths;
}

Manifest seal_folder(const SealRequest& request, const MinisignSecretKey& key) {
  const std::string& folder = request.folder;
  const RunRecord run = read_run_record(folder);
  check_is_audit(folder);
  const MinisignPublicKey public_key = key.public_key();
  const CustodyHead pinned = earlier_custody(request, public_key);
  Manifest manifest;
  manifest.sealed = request.event.time;
  manifest.key_id = to_string(public_key.id);
  manifest.build = request.build;
  manifest.clock = request.clock;
  manifest.selftest = request.selftest;
  take_run_record(manifest, run);

  for (const std::string& path : files_to_seal(folder)) {
    RecordedFile file = record_file(in(folder, path));
    file.path = path;
    manifest.files.push_back(std::move(file));
  }
  std::vector<FileToWrite> added = earlier_seal(folder);
  added.push_back({std::string(kPublicKeyFile), to_text(public_key)});
  for (const FileToWrite& each : added) manifest.files.push_back(described(each.path, as_bytes(each.text)));
  const auto by_path = [](const RecordedFile& a, const RecordedFile& b) { return a.path < b.path; };
  std::sort(manifest.files.begin(), manifest.files.end(), by_path);
  added.push_back({std::string(kSumsFile), to_sums(manifest.files)});
  manifest.files.push_back(described(added.back().path, as_bytes(added.back().text)));
  std::sort(manifest.files.begin(), manifest.files.end(), by_path);

  for (const FileToWrite& each : added) write_in(folder, each);
  manifest.custody = append_custody(folder, request.event, pinned);
  const std::string text = to_json(manifest);
  const std::string comment = fmt::format("sealed {} by tattle {}; SHA-256 of {}: {}", to_rfc3339(manifest.sealed),
                                          manifest.build.version, kSumsFile, sha256_hex(as_bytes(added.back().text)));
  write_in(folder, {std::string(kManifestFile), text});
  write_in(folder, {std::string(kSignatureFile), to_text(key.sign(as_bytes(text), comment))});
  for (const std::string_view name : {kTimestampRequestFile, kTimestampFile}) ::unlink(in(folder, name).c_str());
  return manifest;
}

Manifest read_manifest(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    throw UserError(fmt::format("{}: is no folder; name the one that `tattle audit --out` wrote", folder));
  }
  const std::string path = in(folder, kManifestFile);
  if (!is_there(path))
    throw UserError(fmt::format("{}: is not sealed; `tattle seal {} --key FILE` does", folder, folder));
  auto manifest = parse_manifest(read_document(path, kManifestBytes));
  if (manifest) return std::move(*manifest);
  throw UserError(fmt::format("{}: {}", path, manifest.error().why));
}

CustodyHead join_custody(const std::string& folder, const std::vector<std::string>& files, CustodyEvent event) {
  read_run_record(folder);
  const CustodyHead pinned = is_there(in(folder, kManifestFile)) ? read_manifest(folder).custody : CustodyHead{};
  std::vector<FileToWrite> copies;
  for (const std::string& path : files) {
    copies.push_back({"custody/" + fs::path(path).filename().string(), read_document(path, kFiledBytes)});
    const FileToWrite& copy = copies.back();
    if (!is_inner_path(copy.path)) throw UserError(fmt::format("{}: rename it: its name is not plain text", path));
    if (is_there(in(folder, copy.path))) {
      throw UserError(fmt::format("{}: is there already, and nothing filed is written over; rename the new one",
                                  in(folder, copy.path)));
    }
    event.files.push_back(described(copy.path, as_bytes(copy.text)));
  }
  CustodyHead head = append_custody(folder, event, pinned);
  for (const FileToWrite& each : copies) write_in(folder, each);
  return head;
}

void log_written_files(const std::string& folder, const std::vector<std::string>& paths, CustodyEvent event) {
  if (!is_there(in(folder, kManifestFile))) return;
  for (const std::string& path : paths) {
    const std::string inner = fs::path(path).lexically_normal().lexically_relative(fs::path(folder).lexically_normal());
    if (!is_inner_path(inner)) continue;
    event.files.push_back(record_file(path));
    event.files.back().path = inner;
  }
  if (!event.files.empty()) append_custody(folder, event, read_manifest(folder).custody);
}

std::string request_timestamp(const std::string& folder, CustodyEvent event) {
  const Manifest manifest = read_manifest(folder);
  const std::string text = read_document(in(folder, kManifestFile), kManifestBytes);
  const ByteVector request = make_timestamp_request(sha256_hex(as_bytes(text)));
  event.files = {described(std::string(kTimestampRequestFile), request)};
  append_custody(folder, event, manifest.custody);
  write_whole_file(in(folder, kTimestampRequestFile), request);
  return in(folder, kTimestampRequestFile);
}

void file_timestamp(const std::string& folder, const std::string& answer_path, const std::string& ca_file,
                    CustodyEvent event) {
  const Manifest manifest = read_manifest(folder);
  if (!is_there(in(folder, kTimestampRequestFile))) {
    throw UserError(
        fmt::format("{}: no time-stamp was asked for; `tattle seal {} --timestamp-request` does", folder, folder));
  }
  const std::string answer = read_document(answer_path, kTimestampBytes);
  const std::string request = read_document(in(folder, kTimestampRequestFile), kTimestampBytes);
  const std::string text = read_document(in(folder, kManifestFile), kManifestBytes);
  const auto facts = check_timestamp(as_bytes(answer), as_bytes(request), sha256_hex(as_bytes(text)), ca_file);
  if (!facts) throw UserError(fmt::format("{}: not filed: {}", answer_path, facts.error()));
  event.files = {described(std::string(kTimestampFile), as_bytes(answer))};
  append_custody(folder, event, manifest.custody);
  write_whole_file(in(folder, kTimestampFile), as_bytes(answer));
}

}  // namespace tattle
