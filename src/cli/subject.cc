#include "detect/subject/subject.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/commands.h"
#include "cli/say.h"
#include "detect/subject/template.h"

namespace tattle {
namespace {

struct SubjectOptions {
  std::string output = "subject.yaml";
  FreshWishes wishes;
  std::string place;
  bool force = false;
  std::string file;
};

// For its owner alone; whole or not at all.
void write_private(const std::filesystem::path& path, const std::string& content) {
  const std::string part = path.string() + ".part";
  ::unlink(part.c_str());
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool written = file >= 0;
  for (std::size_t at = 0; written && at < content.size();) {
    const ssize_t count = ::write(file, content.data() + at, content.size() - at);
    written = count > 0 || errno == EINTR;
    if (count > 0) at += static_cast<std::size_t>(count);
  }
  const int why = errno;
  if (file >= 0) ::close(file);
  if (written && ::rename(part.c_str(), path.c_str()) == 0) return;
  const int reason = written ? errno : why;
  ::unlink(part.c_str());
  throw UserError(
      fmt::format("{}: cannot be written: {}; choose another place with -o", path.string(), std::strerror(reason)));
}

void parse_place(SubjectOptions& options) {
  if (options.place.empty()) return;
  double latitude = 0, longitude = 0;
  int end = 0;
  const int count = std::sscanf(options.place.c_str(), "%lf,%lf%n", &latitude, &longitude, &end);
  const bool whole = count == 2 && static_cast<std::size_t>(end) == options.place.size();
  if (!whole || !(latitude >= -90 && latitude <= 90) || !(longitude >= -180 && longitude <= 180)) {
    throw UserError(fmt::format("--place: '{}' is no place; write it as 60.16952,24.93545", options.place));
  }
  options.wishes.latitude = latitude;
  options.wishes.longitude = longitude;
  options.wishes.has_place = true;
}

void make_subject(SubjectOptions& options) {
  parse_place(options);
  DeviceAddresses checked;
  for (const std::string& address : options.wishes.addresses) add_device_address(checked, address, "--address");
  std::filesystem::path yaml(options.output);
  if (yaml.extension() != ".yaml" && yaml.extension() != ".yml") yaml += ".yaml";
  const std::vector<FreshFile> files = fresh_subject(yaml.stem().string(), options.wishes);
  const auto place_of = [&](const FreshFile& file) {
    std::filesystem::path path = yaml;
    return file.ending == ".yaml" ? path : path.replace_extension(file.ending);
  };
  for (const FreshFile& file : files) {
    std::error_code error;
    if (!options.force && std::filesystem::exists(std::filesystem::symlink_status(place_of(file), error))) {
      throw UserError(fmt::format("{}: exists already; give --force to replace it, or -o with another name",
                                  place_of(file).string()));
    }
  }
  for (const FreshFile& file : files) {
    write_private(place_of(file), file.content);
    fmt::print("{}\n", one_line(place_of(file).string()));
  }
  fmt::print(stderr, "These files hold the values that will be looked for; they are readable for you alone.\n");
}

void check_subject(const SubjectOptions& options) {
  const Subject subject = load_subject(options.file);
  say_warnings(subject.warnings);
  fmt::print("{}: {} {}\n", subject.name, subject.entries.size(), subject.entries.size() == 1 ? "value" : "values");
  for (const Entry& entry : subject.entries) {
    fmt::print("  {:<20} {:<16} {}\n", entry.name, entry.datum, entry.masked);
  }
  const bool located = !subject.addresses.macs.empty() || !subject.addresses.prefixes.empty();
  if (!located) fmt::print(stderr, "note: no device.addresses; the phone will be inferred from the capture\n");
}

}  // namespace

void add_subject_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<SubjectOptions>();
  CLI::App* subject = app.add_subcommand("subject", "Make or check the description of a test person and phone");
  subject->require_subcommand(1);

  CLI::App* fresh =
      subject->add_subcommand("new", "Write a subject with generated values, and what to put on the phone");
  fresh
      ->add_option("-o,--output", options->output,
                   "The YAML file (subject.yaml when not told); the others stand beside it")
      ->type_name("FILE");
  fresh->add_option("--maker", options->wishes.maker, "The phone's maker");
  fresh->add_option("--model", options->wishes.model, "The phone's model");
  fresh->add_option("--system", options->wishes.system, "Its operating system");
  fresh->add_option("--system-vendor", options->wishes.system_vendor, "Who makes that");
  fresh->add_option("--address", options->wishes.addresses, "MAC or IP address of the phone (repeatable)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  fresh->add_option("--place", options->place, "Where the phone will be, in degrees")->type_name("LAT,LON");
  fresh->add_flag("--force", options->force, "Replace files that exist");
  fresh->footer("Example:\n  tattle subject new -o aino.yaml --maker Nokia --model \"Lumia 920\" --address 192.0.2.17");
  fresh->callback([options, &exit_code] {
    make_subject(*options);
    exit_code = kDone;
  });

  CLI::App* check = subject->add_subcommand("check", "Say what is wrong with a subject file, and what is weak");
  check->add_option("FILE", options->file, "The YAML file")->required();
  check->footer("Example:\n  tattle subject check aino.yaml");
  check->callback([options, &exit_code] {
    check_subject(*options);
    exit_code = kDone;
  });
  subject->footer("Example:\n  tattle subject new -o aino.yaml\n  tattle subject check aino.yaml");
}

}  // namespace tattle
