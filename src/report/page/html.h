#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "assess/document.h"
#include "report/say/messages.h"

namespace tattle {

/// How the audit was run, as far as the document itself must not depend on it.
struct ReportRun {
  struct File {
    std::string option, name, sha256;  // `--keys`, without its folders, lower-case hex
  };
  std::string commit, compiler, program_sha256;               // of the build; empty: not known
  std::vector<File> files;                                    // that were read beside the captures
  std::vector<std::string> selections;                        // `--filter tcp`, …
  std::vector<std::pair<std::string, std::uint64_t>> limits;  // those that were changed
};

/// The report as one self-contained HTML file without network: complete without script; where the build had npm, with a
/// script that draws and sorts. A Content-Security-Policy allows exactly this style sheet and this script. Planted
/// values are masked unless `reveal`.
/// @param run  Null: not recorded, which the page says.
std::string to_html(const AuditDocument& document, bool reveal, const Messages& messages = Messages::english(),
                    const ReportRun* run = nullptr);

}  // namespace tattle
