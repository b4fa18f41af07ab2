#include "attribute/used_facts.h"

#include <fmt/format.h>

#include <filesystem>

#include "attribute/facts/fact_file.h"
#include "attribute/file_digest.h"
#include "attribute/network/country_database.h"
#include "base/result.h"

namespace tattle {
namespace {

/// The table of country areas says it in a comment: `# date: 2018-05; …`.
std::string date_in_comment(std::string_view text) {
  constexpr std::string_view kDate = "\n# date: ";
  const std::size_t at = text.find(kDate);
  if (at == text.npos) return {};
  text.remove_prefix(at + kDate.size());
  return std::string(text.substr(0, text.find_first_of(";\r\n")));
}

void date_facts(const std::string& path, UsedFacts& used) {
  const FactFile file(path);
  used.version = file.text_or_none(file.root(), "version");
  used.date = file.text_or_none(file.root(), "date");
  if (used.date.empty()) used.date = file.newest();
}

void hash_file(const std::string& path, UsedFacts& used) {
  const std::optional<FileDigest> digest = digest_file(path);
  if (!digest) throw UserError(fmt::format("{}: cannot be read", path));
  used.sha256 = digest->sha256;
  used.size = digest->size;
}

UsedFacts describe(const std::string& path) {
  UsedFacts used;
  used.path = path;
  const bool built_in = path.starts_with(kBuiltIn);
  used.name = built_in ? path.substr(kBuiltIn.size()) : std::filesystem::path(path).filename().string();
  const std::filesystem::path kind = std::filesystem::path(used.name).extension();
  if (kind == ".yaml" || kind == ".yml" || built_in) {
    const FactText facts(path);
    used.sha256 = sha256_hex(as_bytes(facts.text()));
    used.size = facts.text().size();
    if (kind == ".tsv") {
      used.date = date_in_comment(facts.text());
    } else {
      date_facts(path, used);
    }
    return used;
  }
  hash_file(path, used);
  if (kind == ".tsv") used.date = date_in_comment(FactText(path).text());
  if (kind == ".mmdb") used.date = CountryDatabase::open(path)->built();
  return used;
}

}  // namespace

std::vector<UsedFacts> describe_facts(const std::vector<std::string>& paths) {
  std::vector<UsedFacts> all;
  for (const std::string& path : paths) {
    if (!path.empty()) all.push_back(describe(path));
  }
  return all;
}

}  // namespace tattle
