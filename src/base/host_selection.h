#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tattle {

/// Hosts that the user asked for by name or suffix: `example.com` is itself and all names under it.
class HostSelection {
 public:
  HostSelection() = default;
  /// @param names  As given on the command line; a leading `*.` or `.` and a final `.` are left out.
  /// @throws UserError  Empty, a URL, or letters that a host name does not have.
  explicit HostSelection(const std::vector<std::string>& names);

  bool selects_all() const { return names_.empty(); }
  /// An unknown host (empty) is selected only when all are.
  bool selects(std::string_view host) const;

 private:
  std::vector<std::string> names_;  // lower case
};

}  // namespace tattle
