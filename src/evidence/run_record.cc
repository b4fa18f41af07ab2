#include "evidence/run_record.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "attribute/facts/fact_file.h"
#include "attribute/file_digest.h"
#include "base/result.h"
#include "report/utf8.h"

namespace tattle {
namespace {

using Json = nlohmann::ordered_json;

// Paths are bytes: those that are no UTF-8 have them beside, as everywhere.
void put(Json& object, const char* name, std::string_view text) {
  bool lossy = false;
  object[name] = to_utf8(text, lossy);
  if (lossy) object[std::string(name) + "-base64"] = to_base64(as_bytes(text));
}

Json file_json(const RecordedFile& file) {
  Json json;
  put(json, "path", file.path);
  json["sha256"] = file.sha256;
  json["size"] = file.size;
  return json;
}

// What came inside the program lies nowhere.
Json facts_json(const UsedFacts& facts) {
  Json json;
  put(json, "name", facts.name);
  if (facts.path.starts_with(kBuiltIn)) {
    json["built-in"] = true;
  } else {
    std::error_code error;
    put(json, "path", std::filesystem::absolute(facts.path, error).lexically_normal().string());
  }
  json["sha256"] = facts.sha256;
  json["size"] = facts.size;
  if (!facts.version.empty()) put(json, "version", facts.version);
  if (!facts.date.empty()) put(json, "date", facts.date);
  return json;
}

Json list_json(const std::vector<std::string>& texts) {
  Json list = Json::array();
  bool lossy = false;
  for (const std::string& text : texts) list.push_back(to_utf8(text, lossy));
  return list;
}

Json options_json(const RunRecord& record) {
  Json json = Json::object();
  if (!record.filter.empty()) put(json, "filter", record.filter);
  if (!record.since.empty()) put(json, "since", record.since);
  if (!record.until.empty()) put(json, "until", record.until);
  if (!record.devices.empty()) json["devices"] = list_json(record.devices);
  if (!record.hosts.empty()) json["hosts"] = list_json(record.hosts);
  if (!record.data.empty()) put(json, "data", record.data);
  json["reveal"] = record.reveal;
  return json;
}

std::string from_base64(std::string_view text) {
  std::string padded(text);
  std::string bytes(padded.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(padded.data()), static_cast<int>(padded.size()));
  if (size < 0) return {};
  bytes.resize(static_cast<std::size_t>(size));
  while (padded.ends_with('=') && !bytes.empty()) {
    padded.pop_back();
    bytes.pop_back();
  }
  return bytes;
}

std::string get(const Json& object, const char* name) {
  const std::string raw = std::string(name) + "-base64";
  if (object.contains(raw)) return from_base64(object.at(raw).get<std::string>());
  return object.value(name, std::string());
}

std::vector<std::string> get_list(const Json& object, const char* name) {
  return object.value(name, std::vector<std::string>());
}

RecordedFile file_of(const Json& json) {
  return {get(json, "path"), json.value("sha256", std::string()), json.value("size", std::uint64_t{0})};
}

UsedFacts facts_of(const Json& json) {
  UsedFacts facts{get(json, "path"), get(json, "name"), {}, 0, get(json, "version"), get(json, "date")};
  if (json.value("built-in", false)) facts.path = std::string(kBuiltIn) + facts.name;
  facts.sha256 = json.value("sha256", std::string());
  facts.size = json.value("size", std::uint64_t{0});
  return facts;
}

template <class Use>
void each(const Json& json, const char* name, Use use) {
  if (!json.contains(name)) return;
  for (const Json& one : json.at(name)) use(one);
}

Time time_of(const Json& json, const char* name) {
  return parse_rfc3339(json.value(name, std::string())).value_or(Time{});
}

RunRecord record_of(const Json& json) {
  RunRecord record;
  record.version = json.at("tattle").get<std::string>();
  record.arguments = get_list(json, "arguments");
  record.folder = get(json, "folder");
  each(json, "captures", [&](const Json& one) { record.captures.push_back(file_of(one)); });
  each(json, "keys", [&](const Json& one) { record.keys.push_back(file_of(one)); });
  each(json, "subjects", [&](const Json& one) {
    record.subjects.push_back({file_of(one), get_list(one, "addresses")});
  });
  each(json, "files", [&](const Json& one) { record.files.push_back({get(one, "option"), file_of(one)}); });
  each(json, "facts", [&](const Json& one) { record.facts.push_back(facts_of(one)); });
  const Json options = json.value("options", Json::object());
  record.filter = get(options, "filter");
  record.since = get(options, "since");
  record.until = get(options, "until");
  record.devices = get_list(options, "devices");
  record.hosts = get_list(options, "hosts");
  record.data = get(options, "data");
  record.reveal = options.value("reveal", false);
  const Json limits = json.value("limits", Json::object());
  for (const auto& [name, value] : limits.items()) record.limits.emplace_back(name, value.get<std::uint64_t>());
  record.started = time_of(json, "started");
  record.ended = time_of(json, "ended");
  return record;
}

}  // namespace

RecordedFile record_file(const std::string& path) {
  RecordedFile recorded{path, {}, 0};
  if (path == "-") return recorded;
  std::error_code error;
  recorded.path = std::filesystem::absolute(path, error).lexically_normal().string();
  const std::optional<FileDigest> digest = digest_file(path);
  if (!digest) throw UserError(fmt::format("{}: cannot be read; was it moved?", path));
  recorded.sha256 = digest->sha256;
  recorded.size = digest->size;
  return recorded;
}

std::vector<std::pair<std::string, std::uint64_t>> changed_limits(const Limits& limits) {
  std::vector<std::pair<std::string, std::uint64_t>> changed;
  const Limits fresh;
  for (const LimitInfo& info : all_limits()) {
    if (limits.*info.value != fresh.*info.value) changed.emplace_back(info.name, limits.*info.value);
  }
  return changed;
}

Limits limits_of(const RunRecord& record) {
  Limits limits;
  for (const auto& [name, value] : record.limits) set_limit(limits, fmt::format("{}={}", name, value));
  return limits;
}

std::string to_json(const RunRecord& record) {
  Json json;
  json["schema"] = RunRecord::kSchema;
  json["tattle"] = record.version;
  json["arguments"] = list_json(record.arguments);
  if (!record.folder.empty()) put(json, "folder", record.folder);
  for (const char* list : {"captures", "keys", "subjects", "files"}) json[list] = Json::array();
  for (const RecordedFile& file : record.captures) json["captures"].push_back(file_json(file));
  for (const RecordedFile& file : record.keys) json["keys"].push_back(file_json(file));
  for (const RecordedSubject& subject : record.subjects) {
    json["subjects"].push_back(file_json(subject.file));
    json["subjects"].back()["addresses"] = list_json(subject.addresses);
  }
  for (const RecordedOptionFile& each : record.files) {
    Json one{{"option", each.option}};
    one.update(file_json(each.file));
    json["files"].push_back(std::move(one));
  }
  json["facts"] = Json::array();
  for (const UsedFacts& facts : record.facts) json["facts"].push_back(facts_json(facts));
  json["options"] = options_json(record);
  json["limits"] = Json::object();
  for (const auto& [name, value] : record.limits) json["limits"][name] = value;
  json["started"] = to_rfc3339(record.started);
  json["ended"] = to_rfc3339(record.ended);
  return json.dump(2) + "\n";
}

RunRecord parse_run_record(std::string_view text, const std::string& name) {
  const Json json = Json::parse(text, nullptr, false);
  const auto no_record = [&] {
    return UserError(fmt::format("{}: not a record of an audit; run `tattle audit` with --out again", name));
  };
  if (!json.is_object()) throw no_record();
  int schema = 0;
  try {
    schema = json.at("schema").get<int>();
    if (schema == RunRecord::kSchema) return record_of(json);
  } catch (const nlohmann::json::exception&) {
    throw no_record();
  }
  throw UserError(fmt::format("{}: written by another version of tattle (schema {}, this one reads {})", name, schema,
                              RunRecord::kSchema));
}

RunRecord read_run_record(const std::string& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    throw UserError(fmt::format("{}: {}; name the folder that `tattle audit --out FOLDER` wrote", folder,
                                std::filesystem::exists(folder, error) ? "is not a folder" : "no such folder"));
  }
  const std::string path = (std::filesystem::path(folder) / RunRecord::kFileName).string();
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const bool audit = std::filesystem::exists(std::filesystem::path(folder) / "audit.json", error);
    throw UserError(
        fmt::format("{}: {}; run `tattle audit` with --out {} again", folder,
                    audit ? "holds no readable run.json: an older tattle wrote this audit" : "holds no audit", folder));
  }
  return parse_run_record(std::string{std::istreambuf_iterator<char>(file), {}}, path);
}

}  // namespace tattle
