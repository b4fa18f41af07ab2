#include "evidence/seal/manifest_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "evidence/seal/file_hash.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;

class Checker {
 public:
  Checker(const std::string& folder, const MinisignPublicKey* key, const std::string& ca_file)
      : folder_(folder), given_key_(key), ca_file_(ca_file) {}

  SealCheck check() {
    check_is_sealed();
    read_manifest_text();
    check_signature_file();
    if (check_.manifest) check_files();
    check_custody();
    check_joined();
    check_timestamp_files();
    if (check_.manifest) {
      compare(check_.manifest->captures, check_.captures);
      compare(check_.manifest->keys, check_.keys);
      compare(check_.manifest->subjects, check_.subjects);
      compare(check_.manifest->others, check_.others);
    }
    return std::move(check_);
  }

 private:
  std::string in(std::string_view name) const { return (fs::path(folder_) / name).string(); }
  bool is_there(std::string_view name) const {
    std::error_code error;
    return fs::exists(fs::symlink_status(in(name), error));
  }
  void fault(std::string_view what, std::string path, std::string why = {}) {
    for (const SealFault& each : check_.faults) {
      if (each.path == path) return;  // the first thing said of a file is the plainest
    }
    check_.faults.push_back({what, std::move(path), std::move(why)});
  }

  void check_is_sealed() {
    std::error_code error;
    if (!fs::is_directory(folder_, error)) {
      throw UserError(fmt::format("{}: is no folder; name one that `tattle seal` sealed", folder_));
    }
    if (is_there(kManifestFile) || is_there(kSignatureFile) || is_there(kSumsFile)) return;
    throw UserError(fmt::format("{}: is not sealed; `tattle seal {} --key FILE` does", folder_, folder_));
  }

  /// A file of the seal itself; a fault and nothing when it is not there or no plain file.
  std::optional<std::string> text_of(std::string_view name, std::uint64_t limit) {
    std::error_code error;
    const auto type = fs::symlink_status(in(name), error).type();
    if (type == fs::file_type::not_found) {
      fault("missing", std::string(name));
      return {};
    }
    try {
      if (type == fs::file_type::regular) return read_document(in(name), limit);
      fault("changed", std::string(name), "is a link or no file");
    } catch (const UserError& problem) {
      fault("changed", std::string(name), problem.what());
    }
    return {};
  }

  void read_manifest_text() {
    const auto text = text_of(kManifestFile, kManifestBytes);
    if (!text) return;
    manifest_text_ = *text;
    auto manifest = parse_manifest(*text);
    if (!manifest) {
      fault("changed", std::string(kManifestFile), std::string(manifest.error().why));
    } else {
      check_.manifest = std::move(*manifest);
    }
  }

  std::optional<MinisignPublicKey> key_to_use() {
    if (given_key_) return *given_key_;
    const auto text = text_of(kPublicKeyFile, 4096);
    if (!text) return {};
    const auto key = parse_minisign_public_key(*text);
    if (!key) fault("changed", std::string(kPublicKeyFile), std::string(key.error().why));
    return key ? std::optional(*key) : std::nullopt;
  }

  void check_signature_file() {
    const auto key = key_to_use();
    const auto text = text_of(kSignatureFile, 16384);
    if (!text) return;
    const auto signature = parse_minisign_signature(*text);
    if (!signature) {
      fault("changed", std::string(kSignatureFile), std::string(signature.error().why));
      return;
    }
    check_.key_was_given = given_key_ != nullptr;
    check_.key_id = to_string(signature->id);
    // The first line is covered by no signature; the one that minisign writes by itself is the only one taken.
    if (signature->untrusted_comment != kMinisignComment || to_text(*signature) != *text) {
      fault("changed", std::string(kSignatureFile), "is not as `tattle seal` or minisign writes it");
    }
    if (!key || manifest_text_.empty()) return;
    switch (check_signature(*signature, *key, as_bytes(manifest_text_))) {
      case SignatureState::good:
        check_.signature_good = true;
        check_.trusted_comment = signature->trusted_comment;
        return;
      case SignatureState::other_key:
        fault("changed", std::string(kSignatureFile),
              fmt::format("is by key {}, not by {}", check_.key_id, to_string(key->id)));
        return;
      case SignatureState::comment_changed:
        fault("changed", std::string(kSignatureFile), fmt::format("does not fit key {}", to_string(key->id)));
        return;
      case SignatureState::message_changed:
        fault("changed", std::string(kManifestFile), "is not what was signed");
        return;
    }
  }

  void check_files() {
    for (const RecordedFile& file : check_.manifest->files) {
      known_.insert(file.path);
      if (tell(file)) ++check_.files_as_sealed;
    }
    if (!known_.contains(std::string(kSumsFile)))
      fault("changed", std::string(kManifestFile), "does not hold the sums");
  }

  /// Whether a file of the folder is as recorded; a fault when not.
  bool tell(const RecordedFile& file) {
    switch (state_of_file(in(file.path), file, false)) {
      case FileState::same:
        return true;
      case FileState::missing:
        fault("missing", file.path);
        break;
      case FileState::changed:
        fault("changed", file.path);
        break;
      case FileState::unreadable:
        fault("changed", file.path, "cannot be read");
        break;
      case FileState::not_a_file:
        fault("changed", file.path, "is a link or no file");
        break;
    }
    return false;
  }

  void check_custody() {
    const CustodyHead pinned = check_.manifest ? check_.manifest->custody : CustodyHead{};
    const auto text = text_of(kCustodyFile, kCustodyBytes);
    if (!text) return;
    auto log = parse_custody(*text);
    if (!log) {
      fault("changed", std::string(kCustodyFile), fmt::format("line {} {}", log.error().offset, log.error().why));
      return;
    }
    check_.custody_lines = log->events.size();
    if (!extends(*log, pinned)) {
      fault("changed", std::string(kCustodyFile),
            fmt::format("its first {} lines are not those that were sealed", pinned.lines));
      return;
    }
    // A file may be filed twice (a second time-stamp); the last entry is what should lie there.
    for (std::size_t i = pinned.lines; i < log->events.size(); ++i) {
      for (const RecordedFile& file : log->events[i].files) {
        if (is_inner_path(file.path) && !known_.contains(file.path)) joined_[file.path] = file;
      }
    }
  }

  void check_joined() {
    for (const auto& [path, file] : joined_) {
      if (tell(file)) check_.joined.push_back(file);
    }
    std::error_code error;
    auto each = fs::recursive_directory_iterator(folder_, error);
    for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
      const std::string path = each->path().lexically_relative(folder_).generic_string();
      if (each->symlink_status().type() == fs::file_type::directory) continue;
      if (path == kManifestFile || path == kSignatureFile || path == kCustodyFile) continue;
      if (!known_.contains(path) && !joined_.contains(path) && check_.manifest) fault("added", path);
    }
    if (error) throw UserError(fmt::format("{}: cannot be listed: {}", folder_, error.message()));
  }

  void check_timestamp_files() {
    check_.timestamp_asked = is_there(kTimestampRequestFile);
    if (!is_there(kTimestampFile)) {
      if (check_.timestamp_asked) check_request_alone();
      return;
    }
    const auto answer = text_of(kTimestampFile, kTimestampBytes);
    const auto request = text_of(kTimestampRequestFile, kTimestampBytes);
    if (!answer || !request || manifest_text_.empty()) return;
    const auto facts = check_timestamp(as_bytes(*answer), as_bytes(*request), manifest_hash(), ca_file_);
    if (facts) {
      check_.timestamp = *facts;
    } else {
      fault("changed", std::string(kTimestampFile), facts.error());
    }
  }

  void check_request_alone() {
    const auto request = text_of(kTimestampRequestFile, kTimestampBytes);
    if (!request || manifest_text_.empty()) return;
    const auto hash = parse_timestamp_request(as_bytes(*request));
    if (hash && *hash == manifest_hash()) return;
    fault("changed", std::string(kTimestampRequestFile), "is not for this manifest");
  }

  std::string manifest_hash() const { return sha256_hex(as_bytes(manifest_text_)); }

  void compare(const std::vector<RecordedFile>& originals, SealCheck::Originals& result) {
    for (const RecordedFile& file : originals) {
      const FileState state = file.path == "-" ? FileState::missing : state_of_file(file.path, file, true);
      if (state == FileState::same) {
        ++result.same;
      } else if (state == FileState::changed) {
        fault("changed", file.path, "an original outside the folder");
      } else {
        result.not_here.push_back(file.path);
      }
    }
  }

  const std::string& folder_;
  const MinisignPublicKey* const given_key_;
  const std::string& ca_file_;
  SealCheck check_;
  std::string manifest_text_;
  std::set<std::string> known_;                 // paths that the manifest holds
  std::map<std::string, RecordedFile> joined_;  // by the log, behind what the manifest pins
};

}  // namespace

SealCheck check_seal(const std::string& folder, const MinisignPublicKey* key, const std::string& ca_file) {
  return Checker(folder, key, ca_file).check();
}

}  // namespace tattle
