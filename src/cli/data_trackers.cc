// The tracker database that a user may install beside the facts that come with the program.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "attribute/data_files.h"
#include "attribute/network/mapped_file.h"
#include "attribute/organisations.h"
#include "base/result.h"
#include "cli/commands.h"
#include "report/write_file.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;
constexpr unsigned kForEveryone = 0644;  // public facts, unlike what an audit writes
constexpr const char* kPackage = "@ghostery/trackerdb";
constexpr const char* kLicence = "CC BY-NC-SA 4.0 (https://creativecommons.org/licenses/by-nc-sa/4.0/)";
constexpr const char* kName = "trackerdb.json";

struct TrackerOptions {
  std::string folder, file;
  bool accepted = false;
};

fs::path target_folder(const TrackerOptions& options) {
  return fs::path(options.folder.empty() ? default_data_folder() : options.folder) / "trackerdb" / "dist";
}

/// Members of the package's own description; empty where it is not there, or says something else.
std::string package_says(const fs::path& database, const char* member) {
  std::ifstream in(database.parent_path().parent_path() / "package.json");
  const auto json = nlohmann::json::parse(in, nullptr, false);
  if (!json.is_object()) return {};
  const auto found = json.find(member);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void explain(const fs::path& folder) {
  fmt::print(
      "Ghostery's tracker database names the organisations behind some 5,000 domains. Its licence,\n{},\n"
      "forbids commercial use and asks that Ghostery be named. Tattle does not come with it and\nhas no network of its "
      "own; whoever installs it accepts the licence:\n\n"
      "    npm install --prefix trackerdb {}\n"
      "    tattle data trackers --file trackerdb/node_modules/{}/dist/{} --accept-licence\n\n"
      "An audit then uses it with --organisations {}\n",
      kLicence, kPackage, kPackage, kName, (folder / kName).string());
}

void import_database(const TrackerOptions& options, const fs::path& folder) {
  const fs::path file(options.file);
  std::error_code error;
  if (fs::is_directory(file, error)) {
    throw UserError(fmt::format("{}: is a folder; name dist/{} of the npm package {}", options.file, kName, kPackage));
  }
  if (file.extension() != ".json") {
    throw UserError(fmt::format("{}: is not dist/{} of the npm package {}", options.file, kName, kPackage));
  }
  const auto organisations = Organisations::load_all({options.file});
  if (organisations->size() == 0) throw UserError(fmt::format("{}: names no organisation", options.file));
  const std::string licence = package_says(file, "license"), version = package_says(file, "version");
  if (!options.accepted) {
    throw UserError(fmt::format("{}: its licence, {}, is to be accepted first: read it, then add --accept-licence",
                                options.file, licence.empty() ? kLicence : licence + ": " + kLicence));
  }
  fs::create_directories(folder, error);
  if (error) throw UserError(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
  write_whole_file((folder / kName).string(), MappedFile::open(options.file)->bytes(), kForEveryone);
  // Beside it as in the package, so that an audit can say which version it used.
  const nlohmann::ordered_json about{{"name", kPackage},
                                     {"version", version.empty() ? "unknown" : version},
                                     {"license", licence.empty() ? "CC-BY-NC-SA-4.0" : licence}};
  const std::string text = about.dump(2) + "\n";
  write_whole_file((folder.parent_path() / "package.json").string(), as_bytes(text), kForEveryone);
  fmt::print("trackers: {} organisations, version {}, licence {}\nan audit uses it with --organisations {}\n",
             organisations->size(), version.empty() ? "unknown" : version, kLicence, (folder / kName).string());
}

}  // namespace

void add_data_trackers_command(CLI::App& data, int& exit_code) {
  CLI::App* command =
      data.add_subcommand("trackers", "How to install Ghostery's tracker database; with --file, check and keep it");
  auto options = std::make_shared<TrackerOptions>();
  command->add_option("--data", options->folder, "Folder to keep it in");
  command->add_option("--file", options->file, "dist/trackerdb.json of the npm package @ghostery/trackerdb");
  command->add_flag("--accept-licence", options->accepted, "You accept its licence, CC BY-NC-SA 4.0");
  command->footer("Example:\n  tattle data trackers");
  command->callback([options, &exit_code] {
    const fs::path folder = target_folder(*options);
    if (options->file.empty()) {
      explain(folder);
    } else {
      import_database(*options, folder);
    }
    exit_code = kDone;
  });
}

}  // namespace tattle
