#include "evidence/seal/selftest.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "attribute/data_files.h"

namespace tattle {
namespace {

using Json = nlohmann::json;
using Key = std::vector<std::string>;

Key key_of(const Json& entry, const std::string& host, const std::string& role) {
  Key key;
  for (const char* name : {"datum", "entry", "form", "direction", "transport"}) {
    // Of an inferred shape nothing was planted; those are not compared, so that an entry is always named.
    key.push_back(entry.at(name).get<std::string>());
  }
  key.push_back(host);
  key.push_back(role);
  return key;
}

std::map<Key, std::uint64_t> found_in(const Json& document) {
  std::map<Key, std::uint64_t> found;
  for (const Json& each : document.at("disclosures")) {
    if (each.at("certainty") != "verified") continue;
    const Json& recipient = each.at("recipient");
    std::string host = recipient.value("host", std::string());
    if (host.empty() && recipient.contains("addresses") && !recipient.at("addresses").empty()) {
      host = recipient.at("addresses").front().get<std::string>();
    }
    found[key_of(each, host, recipient.at("role").get<std::string>())] += each.at("count").get<std::uint64_t>();
  }
  return found;
}

void compare(const std::map<Key, std::uint64_t>& found, const std::map<Key, std::uint64_t>& wanted,
             const std::set<Key>& optional, SelftestResult& result) {
  const auto tell = [&](std::string_view what, const Key& key) {
    result.faults.push_back(fmt::format("{}: {}", what, fmt::join(key, " ")));
  };
  for (const auto& [key, count] : wanted) {
    const auto met = found.find(key);
    if (met == found.end()) {
      if (optional.contains(key)) continue;
      ++result.score.missed;
      tell("missed", key);
    } else if (met->second == count) {
      ++result.score.right;
    } else {
      ++result.score.miscounted;
      tell(fmt::format("{} times instead of {}", met->second, count), key);
    }
  }
  for (const auto& [key, count] : found) {
    if (wanted.contains(key)) continue;
    ++result.score.extra;
    tell("extra", key);
  }
}

}  // namespace

Result<SelftestResult> compare_with_truth(std::string_view document_text, std::string_view truth_text) {
  std::string_view field = "selftest.document";
  try {
    const auto found = found_in(Json::parse(document_text));
    field = "selftest.truth";
    std::map<Key, std::uint64_t> wanted;
    std::set<Key> optional;
    const Json truth = Json::parse(truth_text);
    for (const Json& entry : truth.at("disclosures")) {
      const Key key = key_of(entry, entry.at("host").get<std::string>(), entry.at("role").get<std::string>());
      wanted[key] += entry.at("count").get<std::uint64_t>();
      if (entry.value("optional", false)) optional.insert(key);
    }
    SelftestResult result;
    compare(found, wanted, optional, result);
    return result;
  } catch (const Json::exception&) {
    return tl::unexpected(ParseError{field, 0, "is not JSON with what is compared"});
  }
}

std::string to_string(const SelftestScore& score) {
  std::string text = fmt::format("{} right, {} missed, {} extra", score.right, score.missed, score.extra);
  if (score.miscounted > 0) text += fmt::format(", {} with another count", score.miscounted);
  return text;
}

std::string find_samples() {
  std::string folder = find_sample_folder();
  if (!folder.empty()) return folder;
  throw UserError("the sample of known truth was not installed (share/tattle/samples); say where it is with --samples");
}

}  // namespace tattle
