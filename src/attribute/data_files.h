#pragma once

#include <string>
#include <vector>

namespace tattle {

/// The country and network data of one folder. A path is empty when the file is not there.
struct DataFiles {
  std::string folder;                  // where they were found, or would be put
  std::vector<std::string> countries;  // MaxMind DB files, searched in order
  std::string networks;                // `networks.tattle`, compiled by `tattle data build`
  bool any() const { return !countries.empty() || !networks.empty(); }
};

/// Looks in `asked` (--data), else $TATTLE_DATA, else ../share/tattle beside the program, else .cache/data of the
/// source tree that the program was built from. The first folder that holds any of the files wins.
/// @throws UserError  `asked` or $TATTLE_DATA is not a folder.
DataFiles find_data(const std::string& asked);

/// The facts that come with the program (`organisations.yaml`): ../share/tattle, else data/ of the source tree, else,
/// for a program that was copied elsewhere, what was built in (see kBuiltIn).
std::string find_fact_file(const std::string& name);

/// The sample of known truth that comes with the program: ../share/tattle/samples, else samples/ of the source tree.
/// Empty when it is not there.
std::string find_sample_folder();

/// Where `tattle data build` puts its result when not told: .cache/data of the source tree if the program runs from
/// a build inside it, else ../share/tattle.
std::string default_data_folder();

}  // namespace tattle
