#pragma once

#include <memory>
#include <string>

#include "base/address.h"

namespace tattle {

/// A MaxMind DB whose records have a `country_code` (or MaxMind's own `country.iso_code`).
class CountryDatabase {
 public:
  /// @throws UserError  The file is not a MaxMind DB or is damaged.
  static std::unique_ptr<CountryDatabase> open(const std::string& path);
  ~CountryDatabase();
  /// The day on which it was made, by its own word: `2026-11-22`; empty when it says none.
  std::string built() const;
  /// ISO 3166-1 alpha-2; empty when not known.
  std::string find(const Address& address) const;

 private:
  CountryDatabase();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tattle
