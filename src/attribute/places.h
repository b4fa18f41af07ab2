#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attribute/data_files.h"
#include "attribute/facts/source.h"
#include "base/address.h"

namespace tattle {

/// What is known of where an address belongs. Empty means not known, never "none".
struct Place {
  std::string country;                     // ISO 3166-1 alpha-2, of the address's registration
  std::uint32_t as_number = 0;             // 0: not known
  std::string network;                     // holder of the autonomous system
  bool local = false;                      // on the phone's own network: private, link-local, multicast
  const Source* country_source = nullptr;  // who says the country; lives as long as the Places; null: not known
};

/// Countries and networks of addresses, from the installed data and from the user's own table, which wins.
class Places {
 public:
  /// @param table  Path of a CSV `prefix,country,asn,holder` (`#` starts a comment; fields may be empty), or empty.
  /// @throws UserError  The table is missing or one of its lines is wrong; a data file is damaged.
  static std::shared_ptr<const Places> open(const DataFiles& data, const std::string& table);
  /// Knows nothing but what is local.
  static std::shared_ptr<const Places> none();
  virtual ~Places() = default;

  virtual Place find(const Address& address) const = 0;
  /// Whether countries, respectively networks, can be known at all.
  virtual bool knows_countries() const = 0;
  virtual bool knows_networks() const = 0;
  /// Whom the data's licences ask to be named where it is used; a line each.
  virtual std::vector<std::string> attribution() const = 0;
  /// How to get what is not there; empty when all of it is.
  virtual std::string how() const = 0;
  /// The same, of both tables: what to do, without a full stop.
  static std::string_view how_to_install();
};

}  // namespace tattle
