#pragma once

#include <string>
#include <vector>

#include "evidence/seal/manifest.h"
#include "evidence/sign/minisign.h"

namespace tattle {

/// What goes into a seal besides the folder itself.
struct SealRequest {
  std::string folder;
  CustodyEvent event;  // who seals, when, with what note
  BuildFacts build;
  ClockFacts clock;
  SelftestScore selftest;
  bool again = false;  // over a seal that stands and still holds
};

/// The files of a folder and those below it: paths from it, sorted. Those that a seal makes or cannot hold (see
/// manifest.h) are left out at its top.
/// @throws UserError  Something is no regular file, or has a name that sums cannot hold.
std::vector<std::string> files_to_seal(const std::string& folder);

/// Checks that the folder is an audit whose captures, keys and subject files are as they were, writes what sealing
/// adds, and signs. An earlier seal is kept in seals/1, seals/2, … and sealed with the rest.
/// @throws UserError  It is no audit, is sealed already, an original is missing or changed, a file cannot be read or
///                    written.
Manifest seal_folder(const SealRequest& request, const MinisignSecretKey& key);

/// Reads a folder's manifest, believing it.
/// @throws UserError  There is none, or it cannot be understood.
Manifest read_manifest(const std::string& folder);

/// Appends to the custody log, after copying files into the folder's `custody/` under their own names; returns the
/// log's new head. The folder may not be sealed yet.
/// @throws UserError  It is no audit; a file of that name is there already, cannot be read or is over 1 GiB.
CustodyHead join_custody(const std::string& folder, const std::vector<std::string>& files, CustodyEvent event);

/// Logs files that another command has just written into a sealed folder, so that they count as joined and not as
/// slipped in; nothing when the folder is not sealed.
/// @param paths  Of the files; those outside the folder are none of its business.
void log_written_files(const std::string& folder, const std::vector<std::string>& paths, CustodyEvent event);

/// Writes `manifest.tsq`, and logs it. Returns its path.
std::string request_timestamp(const std::string& folder, CustodyEvent event);

/// Files an authority's answer as `manifest.tsr` when it fits the manifest and the request, and logs it.
/// @throws UserError  It does not fit.
void file_timestamp(const std::string& folder, const std::string& answer_path, const std::string& ca_file,
                    CustodyEvent event);

}  // namespace tattle
