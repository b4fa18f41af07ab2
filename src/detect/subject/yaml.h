#pragma once

#include <yaml-cpp/yaml.h>

#include <span>
#include <string>
#include <string_view>

#include "detect/subject/subject.h"

namespace tattle {

/// What every part of the subject file's reader needs: where it reads from and how errors name it.
struct SubjectSource {
  std::string shown;   // the file's name in errors
  std::string folder;  // of photos

  /// @throws UserError  `FILE:LINE: FIELD: WHAT`.
  [[noreturn]] void fail(const YAML::Node& at, std::string_view field, std::string_view what) const;
  [[noreturn]] void fail(int line, std::string_view field, std::string_view what) const;

  /// Fails when `map` is no map, has a field twice or one that is not in `allowed`.
  void check_fields(const YAML::Node& map, std::string_view field, std::span<const std::string_view> allowed) const;
  /// The scalar `field` of a map, not empty; or an empty string when it is absent.
  std::string text(const YAML::Node& map, std::string_view field) const;
};

/// From 1; 0 when not known.
int line_of(const YAML::Node& node);

/// Reads one element of `data`; its name is not complete when it is empty. Adds to `warnings`.
Entry read_entry(const SubjectSource& source, const YAML::Node& node, std::vector<std::string>& warnings);

}  // namespace tattle
