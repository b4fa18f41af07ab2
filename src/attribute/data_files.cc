#include "attribute/data_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "attribute/facts/fact_file.h"
#include "base/result.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;

fs::path program_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

/// The source tree that this program was built inside of; empty for an installed one.
fs::path source_root() {
  std::error_code ignored;
  for (fs::path at = program_folder(); !at.empty(); at = at.parent_path()) {
    if (fs::exists(at / "src" / "attribute" / "data_files.cc", ignored)) return at;
    if (at == at.parent_path()) break;
  }
  return {};
}

fs::path installed_folder() { return program_folder().parent_path() / "share" / "tattle"; }

DataFiles look_in(const fs::path& folder) {
  DataFiles found{folder.string(), {}, {}};
  std::error_code ignored;
  const fs::path networks = folder / "networks.tattle";
  if (fs::is_regular_file(networks, ignored)) found.networks = networks.string();
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".mmdb") found.countries.push_back(entry.path().string());
  }
  std::sort(found.countries.begin(), found.countries.end());
  return found;
}

DataFiles look_where_told(const std::string& folder, const char* who) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw UserError(fmt::format("{} {}: is not a folder; `tattle data build` makes one", who, folder));
  }
  return look_in(folder);
}

}  // namespace

DataFiles find_data(const std::string& asked) {
  if (!asked.empty()) return look_where_told(asked, "--data");
  if (const char* set = std::getenv("TATTLE_DATA"); set != nullptr && *set != 0) {
    return look_where_told(set, "TATTLE_DATA");
  }
  DataFiles installed = look_in(installed_folder());
  if (installed.any()) return installed;
  return look_in(default_data_folder());
}

std::string find_fact_file(const std::string& name) {
  std::error_code ignored;
  const fs::path installed = installed_folder() / name;
  if (fs::is_regular_file(installed, ignored)) return installed.string();
  const fs::path root = source_root();
  if (!root.empty() && fs::is_regular_file(root / "data" / name, ignored)) return (root / "data" / name).string();
  return std::string(kBuiltIn) + name;
}

std::string find_sample_folder() {
  std::error_code ignored;
  const fs::path root = source_root();
  for (const fs::path& folder : {installed_folder() / "samples", root.empty() ? root : root / "samples"}) {
    if (fs::is_regular_file(folder / "lumia-evening.truth.json", ignored)) return folder.string();
  }
  return {};
}

std::string default_data_folder() {
  const fs::path root = source_root();
  return (root.empty() ? installed_folder() : root / ".cache" / "data").string();
}

}  // namespace tattle
