#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evidence/seal/manifest.h"
#include "evidence/sign/minisign.h"
#include "evidence/sign/timestamp.h"

namespace tattle {

/// Something that is not as it was sealed.
struct SealFault {
  std::string_view what;  // `changed`, `missing`, `added`
  std::string path;       // from the folder; absolute for captures, keys and subject files
  std::string why;        // more words, may be empty
};

/// What can be said of a sealed folder. It holds when there are no faults.
struct SealCheck {
  std::optional<Manifest> manifest;  // absent when it cannot be understood
  std::vector<SealFault> faults;
  bool signature_good = false;
  bool key_was_given =
      false;  // else the key is the one that lies in the folder, which whoever changed it may have put there
  std::string key_id, trusted_comment;
  std::size_t files_as_sealed = 0;
  std::vector<RecordedFile> joined;  // since, by the custody log
  std::uint64_t custody_lines = 0;
  std::optional<TimestampFacts> timestamp;
  bool timestamp_asked = false;
  struct Originals {
    std::size_t same = 0;
    std::vector<std::string> not_here;  // cannot be compared any more, which is no fault
  } captures, keys, subjects, others;
};

/// Compares a folder with its seal.
/// @param key      The public key to believe; null: the folder's own.
/// @param ca_file  As check_timestamp.
/// @throws UserError  The folder is not sealed, or a file named by the user cannot be read.
SealCheck check_seal(const std::string& folder, const MinisignPublicKey* key, const std::string& ca_file);

}  // namespace tattle
