#pragma once

#include <string>
#include <vector>

namespace tattle {

/// What is asked of a fresh subject.
struct FreshWishes {
  std::string maker, model, system, system_vendor;
  std::vector<std::string> addresses;
  double latitude = 0, longitude = 0;
  bool has_place = false;  // else an invented one
};

/// A file of a fresh subject: its name is `STEM` with this ending.
struct FreshFile {
  std::string ending;  // `.yaml`, `.vcf`, `.txt`, `.jpg`
  std::string content;
};

/// A subject with generated values that are valid where they have check digits and belong to nobody: test numbers,
/// reserved domains, local addresses, random parts of 64 bits and more. The files name each other by `stem`.
std::vector<FreshFile> fresh_subject(const std::string& stem, const FreshWishes& wishes);

}  // namespace tattle
