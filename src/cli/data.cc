#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "attribute/data_files.h"
#include "attribute/network/mapped_file.h"
#include "attribute/network/networks.h"
#include "attribute/places.h"
#include "base/result.h"
#include "cli/commands.h"
#include "report/write_file.h"

namespace tattle {
namespace {

namespace fs = std::filesystem;
constexpr unsigned kForEveryone = 0644;  // public facts, unlike what an audit writes

struct DataOptions {
  std::string folder, packages, address;
};

/// The folder that holds the two npm packages: asked for, else inside the data folder, else where `npm ci` put them.
fs::path packages_folder(const DataOptions& options, const fs::path& folder) {
  std::vector<fs::path> bases{folder / "node_modules", (folder / "../../node_modules").lexically_normal()};
  if (!options.packages.empty()) bases = {options.packages};
  for (const fs::path& base : bases) {
    std::error_code ignored;
    if (fs::is_directory(base / "@ip-location-db", ignored)) return base / "@ip-location-db";
  }
  throw UserError(
      fmt::format("{}: no npm packages @ip-location-db/… there; run `npm ci` first, or say where with --npm",
                  options.packages.empty() ? folder.string() : options.packages));
}

void build_networks(const fs::path& packages, const fs::path& folder) {
  const auto v4 = MappedFile::open((packages / "asn" / "asn-ipv4.csv").string());
  const auto v6 = MappedFile::open((packages / "asn" / "asn-ipv6.csv").string());
  CompileCounts counts;
  const ByteVector table = compile_networks(as_text(v4->bytes()), as_text(v6->bytes()), counts);
  if (counts.ranges == 0) throw UserError(fmt::format("{}: holds no ranges of addresses", packages.string()));
  write_whole_file((folder / "networks.tattle").string(), table, kForEveryone);
  fmt::print("networks: {} ranges, {} bytes{}\n", counts.ranges, table.size(),
             counts.skipped_lines > 0 ? fmt::format(", {} lines could not be read", counts.skipped_lines) : "");
}

void build_countries(const fs::path& packages, const fs::path& folder) {
  const auto database = MappedFile::open((packages / "iptoasn-country-mmdb" / "iptoasn-country.mmdb").string());
  write_whole_file((folder / "countries.mmdb").string(), database->bytes(), kForEveryone);
  fmt::print("countries: {} bytes\n", database->bytes().size());
}

void build(const DataOptions& options) {
  const fs::path folder = options.folder.empty() ? default_data_folder() : options.folder;
  const fs::path packages = packages_folder(options, folder);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw UserError(fmt::format("{}: cannot be made: {}", folder.string(), error.message()));
  build_networks(packages, folder);
  build_countries(packages, folder);
  fmt::print("in {}\n", folder.string());
}

void status(const DataOptions& options) {
  const DataFiles files = find_data(options.folder);
  const auto places = Places::open(files, "");
  fmt::print("folder     {}\ncountries  {}\nnetworks   {}\n", files.folder,
             places->knows_countries() ? "known" : "unknown", places->knows_networks() ? "known" : "unknown");
  for (const std::string& line : places->attribution()) fmt::print("{}\n", line);
  if (!places->how().empty()) fmt::print("To have them all: {}.\n", places->how());
  if (options.address.empty()) return;
  const auto address = Address::parse(options.address);
  if (!address) throw UserError(fmt::format("--address {}: is not an IP address", options.address));
  const Place place = places->find(*address);
  fmt::print("{}: {}, {}\n", options.address, place.country.empty() ? "country unknown" : place.country,
             place.local            ? "local network"
             : place.as_number == 0 ? "network unknown"
                                    : fmt::format("AS{} {}", place.as_number, place.network));
}

}  // namespace

void add_data_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("data", "Country and network data: compile it, or say what there is");
  command->require_subcommand(1);
  auto options = std::make_shared<DataOptions>();

  CLI::App* building = command->add_subcommand("build", "Compile the npm packages' data for the program");
  building->add_option("--data", options->folder, "Folder to write to");
  building->add_option("--npm", options->packages,
                       "node_modules folder that holds @ip-location-db/asn and its sibling");
  building->footer("Example:\n  npm ci --omit=dev && tattle data build");
  building->callback([options, &exit_code] {
    build(*options);
    exit_code = kDone;
  });

  CLI::App* telling = command->add_subcommand("status", "Say which data there is and whom to thank for it");
  telling->add_option("--data", options->folder, "Folder to look in");
  telling->add_option("--address", options->address, "Also look up this IP address");
  telling->footer("Example:\n  tattle data status --address 193.166.3.2");
  telling->callback([options, &exit_code] {
    status(*options);
    exit_code = kDone;
  });
  add_data_trackers_command(*command, exit_code);
  command->footer("Example:\n  tattle data status");
}

}  // namespace tattle
