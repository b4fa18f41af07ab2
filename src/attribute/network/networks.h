#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "attribute/network/mapped_file.h"
#include "base/address.h"
#include "base/bytes.h"
#include "base/result.h"

namespace tattle {

/// The compiled table of networks: which autonomous system announces an address, and who holds that system.
///
/// One file, all integers little-endian, no padding:
///
///     offset size
///     0      8     `TATTLENW`
///     8      4     version, 1
///     12     4     number of IPv4 ranges, A
///     16     4     number of IPv6 ranges, B
///     20     4     number of holders, C
///     24     4     bytes of names, D
///     28     12*A  IPv4 ranges: first (4), last (4), index of the holder (4); sorted, disjoint
///            36*B  IPv6 ranges: first (16, network order), last (16), index of the holder (4); sorted, disjoint
///            12*C  holders: AS number (4), offset of the name (4), length of the name (4)
///            D     names, UTF-8, one after the other
///
/// A range holds all addresses from first to last, both included. Nothing follows the names.
class NetworkTable {
 public:
  struct Network {
    std::uint32_t as_number = 0;
    std::string_view holder;  // lives as long as the bytes of the table
  };

  /// @param table  Borrowed: must outlive the result.
  /// @error magic    Not such a file.
  /// @error version  Of another program version; build it again.
  /// @error size     Counts and size do not agree: cut or damaged.
  static Result<NetworkTable> parse(Bytes table);

  /// Absent when no range holds the address, or when the table is damaged there.
  std::optional<Network> find(const Address& address) const;
  std::size_t ranges() const { return v4_count_ + v6_count_; }

  static constexpr std::string_view kMagic = "TATTLENW";
  static constexpr std::uint32_t kVersion = 1;

 private:
  std::optional<Network> holder(std::uint32_t index) const;

  Bytes v4_, v6_, holders_, names_;
  std::size_t v4_count_ = 0, v6_count_ = 0, holder_count_ = 0;
};

struct CompileCounts {
  std::uint64_t ranges = 0;
  std::uint64_t skipped_lines = 0;  // not `first,last,number,holder`
  std::uint64_t overlaps = 0;       // ranges cut because the next one begins inside them
};

/// Compiles CSV lines `first address,last address,AS number,holder` of both families, in any order, into a table.
ByteVector compile_networks(std::string_view csv_v4, std::string_view csv_v6, CompileCounts& counts);

}  // namespace tattle
