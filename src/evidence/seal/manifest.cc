#include "evidence/seal/manifest.h"

#include <sodium.h>

#include <nlohmann/json.hpp>

#include "evidence/seal/file_hash.h"
#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::json;  // whose members are sorted

tl::unexpected<ParseError> wrong(std::string_view field, std::string_view why, std::size_t offset = 0) {
  return tl::unexpected(ParseError{field, offset, why});
}

Json to_json(const RecordedFile& file) {
  bool lossy = false;
  Json json{{"path", to_utf8(file.path, lossy)}, {"sha256", file.sha256}, {"size", file.size}};
  if (lossy) json["path-base64"] = to_base64(as_bytes(file.path));
  return json;
}

Json to_json(const std::vector<RecordedFile>& files) {
  Json list = Json::array();
  for (const RecordedFile& file : files) list.push_back(to_json(file));
  return list;
}

Json to_json(const ClockFacts& clock) {
  Json json{{"services", clock.services}};
  if (clock.synchronised) json["synchronised"] = *clock.synchronised;
  if (clock.max_error_us) json["max-error-us"] = *clock.max_error_us;
  return json;
}

// Thrown by what reads members and caught in parse_manifest, as nlohmann-json's own exceptions are.
struct Wrong {
  ParseError error;
};

RecordedFile file_of(const Json& json) {
  RecordedFile file{json.at("path").get<std::string>(), json.at("sha256").get<std::string>(),
                    json.at("size").get<std::uint64_t>()};
  if (json.contains("path-base64")) {
    const auto text = json.at("path-base64").get<std::string>();
    std::size_t size = 0;
    file.path.assign(text.size(), '\0');
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(file.path.data()), file.path.size(), text.data(),
                          text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
      throw Wrong{{"manifest.member", 0, "path-base64 is no base64"}};
    }
    file.path.resize(size);
  }
  if (!is_sha256(file.sha256)) throw Wrong{{"manifest.sha256", 0, "a hash is not 64 hex digits"}};
  return file;
}

std::vector<RecordedFile> files_of(const Json& list) {
  if (!list.is_array()) throw Wrong{{"manifest.member", 0, "a list of files is no list"}};
  std::vector<RecordedFile> files;
  for (const Json& each : list) files.push_back(file_of(each));
  return files;
}

std::vector<RecordedFile> inner_files_of(const Json& list) {
  std::vector<RecordedFile> files = files_of(list);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!is_inner_path(files[i].path)) throw Wrong{{"manifest.path", i, "a path leads out of the folder"}};
    if (i > 0 && files[i - 1].path >= files[i].path) throw Wrong{{"manifest.path", i, "paths are not sorted"}};
  }
  return files;
}

BuildFacts build_of(const Json& json) {
  return {json.at("version").get<std::string>(), json.value("commit", std::string()),
          json.value("compiler", std::string()), json.value("program-sha256", std::string())};
}

SelftestScore score_of(const Json& json) {
  const auto number = [&](const char* name) { return json.at(name).get<std::uint64_t>(); };
  return {number("right"), number("missed"), number("extra"), number("miscounted")};
}

ClockFacts clock_of(const Json& json) {
  ClockFacts clock;
  if (json.contains("synchronised")) clock.synchronised = json.at("synchronised").get<bool>();
  if (json.contains("max-error-us")) clock.max_error_us = json.at("max-error-us").get<std::uint64_t>();
  clock.services = json.value("services", std::vector<std::string>());
  return clock;
}

Manifest manifest_of(const Json& json) {
  Manifest manifest;
  const auto sealed = parse_rfc3339(json.at("sealed").get<std::string>());
  if (!sealed) throw Wrong{{"manifest.member", 0, "the time of sealing is no time"}};
  manifest.sealed = *sealed;
  manifest.key_id = json.at("key").get<std::string>();
  manifest.build = build_of(json.at("tattle"));
  manifest.clock = clock_of(json.at("clock"));
  manifest.selftest = score_of(json.at("selftest"));
  const Json& audit = json.at("audit");
  manifest.audit_version = audit.at("tattle").get<std::string>();
  manifest.arguments = audit.at("arguments").get<std::vector<std::string>>();
  for (const auto& [name, value] : audit.at("limits").items()) {
    manifest.limits.emplace_back(name, value.get<std::uint64_t>());
  }
  manifest.captures = files_of(audit.at("captures"));
  manifest.keys = files_of(audit.at("keys"));
  manifest.subjects = files_of(audit.at("subjects"));
  manifest.others = files_of(audit.at("others"));
  manifest.files = inner_files_of(json.at("files"));
  const Json& custody = json.at("custody");
  manifest.custody = {custody.at("lines").get<std::uint64_t>(), custody.at("sha256").get<std::string>()};
  if (!is_sha256(manifest.custody.sha256)) throw Wrong{{"manifest.sha256", 0, "a hash is not 64 hex digits"}};
  return manifest;
}

}  // namespace

std::string to_json(const Manifest& manifest) {
  Json limits = Json::object();
  for (const auto& [name, value] : manifest.limits) limits[name] = value;
  Json arguments = Json::array();
  for (const std::string& each : manifest.arguments) arguments.push_back(to_utf8(each));
  const Json json{
      {"schema", Manifest::kSchema},
      {"sealed", to_rfc3339(manifest.sealed)},
      {"key", manifest.key_id},
      {"tattle",
       {{"version", manifest.build.version},
        {"commit", manifest.build.commit},
        {"compiler", manifest.build.compiler},
        {"program-sha256", manifest.build.program_sha256}}},
      {"clock", to_json(manifest.clock)},
      {"selftest",
       {{"right", manifest.selftest.right},
        {"missed", manifest.selftest.missed},
        {"extra", manifest.selftest.extra},
        {"miscounted", manifest.selftest.miscounted}}},
      {"audit",
       {{"tattle", to_utf8(manifest.audit_version)},
        {"arguments", std::move(arguments)},
        {"limits", std::move(limits)},
        {"captures", to_json(manifest.captures)},
        {"keys", to_json(manifest.keys)},
        {"subjects", to_json(manifest.subjects)},
        {"others", to_json(manifest.others)}}},
      {"files", to_json(manifest.files)},
      {"custody", {{"lines", manifest.custody.lines}, {"sha256", manifest.custody.sha256}}},
  };
  return json.dump(2) + "\n";
}

Result<Manifest> parse_manifest(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return wrong("manifest.json", "is no object in JSON");
  try {
    const auto schema = json.at("schema").get<std::uint64_t>();
    if (schema != Manifest::kSchema) return wrong("manifest.schema", "is of another version of tattle", schema);
    return manifest_of(json);
  } catch (const nlohmann::json::exception&) {
    return wrong("manifest.member", "lacks what a manifest has");
  } catch (const Wrong& what) {
    return tl::unexpected(what.error);
  }
}

std::string to_sums(const std::vector<RecordedFile>& files) {
  std::string text;
  for (const RecordedFile& file : files) text += file.sha256 + "  " + file.path + "\n";
  return text;
}

bool is_inner_path(std::string_view path) {
  bool lossy = false;
  to_utf8(path, lossy);
  if (lossy) return false;
  for (const char c : path) {
    if (c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  for (std::size_t at = 0;;) {
    const auto end = path.find('/', at);
    const std::string_view step = path.substr(at, end == std::string_view::npos ? end : end - at);
    if (step.empty() || step == "." || step == "..") return false;
    if (end == std::string_view::npos) return true;
    at = end + 1;
  }
}

}  // namespace tattle
