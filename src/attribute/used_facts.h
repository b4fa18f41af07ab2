#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tattle {

/// A file of facts that an audit rests on, as it was then, so that it can be found again.
struct UsedFacts {
  std::string path;    // `built-in:dpv.yaml` when it came inside the program
  std::string name;    // without folders
  std::string sha256;  // lower-case hex
  std::uint64_t size = 0;
  std::string version;  // that it gives itself; mostly empty
  std::string date;     // of the file, else of its newest source: YYYY, YYYY-MM or YYYY-MM-DD; empty: it tells none
};

/// Says what each file is: of facts (YAML, the table of country areas), of addresses (MaxMind DB, networks.tattle, a
/// table of the user's), or Ghostery's database. Empty paths are passed over.
/// @throws UserError  One cannot be read.
std::vector<UsedFacts> describe_facts(const std::vector<std::string>& paths);

}  // namespace tattle
