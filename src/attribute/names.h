#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/address.h"
#include "base/anomalies.h"
#include "base/limits.h"

namespace tattle {

/// What gave an address its name.
enum class NameSource : std::uint8_t { dns, name_record };

/// Names that the traffic itself (DNS answers) or the capture file gives to addresses.
class NameBook {
 public:
  NameBook(const Limits& limits, Anomalies& anomalies) : limit_(limits.names), anomalies_(&anomalies) {}

  /// @param where  The packet to blame when the book is full.
  void add(const Address& address, std::string_view name, PacketId where = {}, NameSource source = NameSource::dns);
  /// The one name of an address, lower case; empty when there is none or when several names share it, because then
  /// which of them was meant is a guess. Lives until the next add.
  std::string_view find(const Address& address) const;
  /// What said so; an answer of the DNS goes before the capture file's record. Meaningless when find is empty.
  NameSource source_of(const Address& address) const;
  std::size_t size() const { return names_.size(); }

 private:
  struct Entry {
    std::string name;
    NameSource source = NameSource::dns;
    bool several = false;
  };
  std::uint64_t limit_;
  Anomalies* anomalies_;
  std::unordered_map<Address, Entry> names_;
};

}  // namespace tattle
