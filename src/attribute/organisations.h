#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tattle {

/// Which organisation a host name belongs to, by its registrable domain (Public Suffix List).
class Organisations {
 public:
  /// Reads `organisations.yaml`; an empty path gives an empty table.
  /// @throws UserError  The file is damaged: line and field.
  static std::shared_ptr<const Organisations> load(const std::string& path);
  /// The organisation's name; empty when not listed. Lives as long as the table.
  std::string_view of_host(std::string_view host) const;

 private:
  std::unordered_map<std::string, std::string> by_domain_;
};

/// `a.b.example.co.uk` -> `example.co.uk`; empty for an address, a single label or a public suffix.
std::string registrable_domain(std::string_view host);

}  // namespace tattle
