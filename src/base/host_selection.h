#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace tattle {

/// Hosts that the user asked for by name or suffix, `example.com` being itself and all names under it, or by address.
class HostSelection {
 public:
  HostSelection() = default;
  /// @param names  As given on the command line; a leading `*.` or `.` and a final `.` are left out.
  /// @throws UserError  Empty, a URL, or letters that a host name does not have.
  explicit HostSelection(const std::vector<std::string>& names);

  bool selects_all() const { return names_.empty(); }
  /// An unknown host (empty) is selected only when all are. A port behind it does not matter.
  bool selects(std::string_view host) const;
  /// Whether it was asked for as an address, whatever name it goes by.
  bool selects(const Address& address) const;

 private:
  std::vector<std::string> names_;  // lower case
  std::vector<Address> addresses_;  // those of them that are one
};

}  // namespace tattle
