#include "detect/subject/subject.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "base/result.h"
#include "detect/subject/datum.h"
#include "detect/subject/yaml.h"

namespace tattle {
namespace {

constexpr std::uintmax_t kMostYamlBytes = 16 << 20;

void read_device(const SubjectSource& source, const YAML::Node& device, Subject& subject) {
  static constexpr std::array<std::string_view, 5> kFields{"maker", "model", "system", "system-vendor", "addresses"};
  source.check_fields(device, "device", kFields);
  subject.maker = source.text(device, "maker");
  subject.model = source.text(device, "model");
  subject.system = source.text(device, "system");
  subject.system_vendor = source.text(device, "system-vendor");
  const YAML::Node addresses = device["addresses"];
  if (!addresses) return;
  if (!addresses.IsSequence()) {
    source.fail(addresses, "addresses", "is not a list; write addresses: [\"192.0.2.17\"]");
  }
  for (const YAML::Node& address : addresses) {
    if (!address.IsScalar()) source.fail(address, "addresses", "an element is not a text; write a MAC or IP address");
    try {
      add_device_address(subject.addresses, address.Scalar(), "");
    } catch (const UserError& error) {
      source.fail(address, "addresses", error.what());
    }
  }
}

void read_data(const SubjectSource& source, const YAML::Node& data, Subject& subject) {
  if (!data.IsSequence()) source.fail(data, "data", "is not a list; write one `- {datum: …}` for each planted value");
  std::map<std::string, int> counts;
  std::set<std::string> names;
  for (const YAML::Node& node : data) {
    Entry entry = read_entry(source, node, subject.warnings);
    const int number = ++counts[entry.datum];
    if (entry.name.empty()) entry.name = fmt::format("{}#{}", entry.datum, number);
    if (!names.insert(entry.name).second) {
      source.fail(node, "name", fmt::format("'{}' names two entries; give each its own", entry.name));
    }
    subject.entries.push_back(std::move(entry));
  }
}

std::string subject_name(const SubjectSource& source, const YAML::Node& root, const Subject& subject) {
  if (std::string name = source.text(root, "name"); !name.empty()) return name;
  if (!subject.maker.empty() && !subject.model.empty()) return subject.maker + " " + subject.model;
  if (!subject.model.empty()) return subject.model;
  return std::filesystem::path(source.shown).stem().string();
}

}  // namespace

void add_device_address(DeviceAddresses& addresses, const std::string& text, const std::string& shown) {
  if (const auto mac = MacAddress::parse(text)) {
    addresses.macs.push_back(*mac);
  } else if (const auto prefix = Prefix::parse(text)) {
    addresses.prefixes.push_back(*prefix);
  } else {
    throw UserError(fmt::format("{}{}'{}' is no MAC address, IP address or prefix; write one such as 192.0.2.17", shown,
                                shown.empty() ? "" : ": ", text));
  }
}

Subject parse_subject(const std::string& yaml, const std::string& base, const std::string& shown) {
  const SubjectSource source{shown, base};
  Subject subject;
  try {
    const YAML::Node root = YAML::Load(yaml);
    if (!root.IsMap()) source.fail(1, "file", "is not a subject file; start one with `tattle subject new`");
    static constexpr std::array<std::string_view, 3> kFields{"name", "device", "data"};
    source.check_fields(root, "file", kFields);
    if (const YAML::Node device = root["device"]) read_device(source, device, subject);
    const YAML::Node data = root["data"];
    if (!data) source.fail(1, "data", "is missing; list the planted values under it");
    read_data(source, data, subject);
    subject.name = subject_name(source, root, subject);
    if (subject.entries.empty()) {
      subject.warnings.push_back(
          fmt::format("{}: data: lists no planted value, so that nothing can be verified", shown));
    }
  } catch (const YAML::Exception& error) {
    source.fail(error.mark.is_null() ? 1 : error.mark.line + 1, "YAML", error.msg + "; mend the syntax");
  }
  return subject;
}

Subject load_subject(const std::string& path) {
  std::error_code error;
  const std::filesystem::path file(path);
  if (std::filesystem::is_directory(file, error)) {
    throw UserError(fmt::format("{}: is a folder; name the subject file in it", path));
  }
  std::ifstream in(file, std::ios::binary);
  if (!in)
    throw UserError(fmt::format("{}: cannot be read; check the name, or start one with `tattle subject new`", path));
  if (const auto size = std::filesystem::file_size(file, error); !error && size > kMostYamlBytes) {
    throw UserError(fmt::format("{}: is larger than any subject file; name the YAML file", path));
  }
  const std::string yaml((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  return parse_subject(yaml, file.parent_path().string(), path);
}

}  // namespace tattle
