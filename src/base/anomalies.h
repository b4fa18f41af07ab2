#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "base/packet_ref.h"

namespace tattle {

/// Oddities of the input: counted, with the first place each was met; never fatal.
/// Names are string literals of the form `area.what`, listed with their meaning in data/anomalies.tsv.
class Anomalies {
 public:
  struct Entry {
    std::uint64_t count = 0;
    PacketId first;
  };

  void note(std::string_view literal_name, PacketId where, std::uint64_t times = 1) {
    Entry& entry = entries_[literal_name];
    if (entry.count == 0 || where < entry.first) entry.first = where;
    entry.count += times;
  }
  void merge(const Anomalies& other) {
    for (const auto& [name, entry] : other.entries_) note(name, entry.first, entry.count);
  }
  const std::map<std::string_view, Entry>& entries() const { return entries_; }
  std::uint64_t count(std::string_view name) const {
    auto found = entries_.find(name);
    return found == entries_.end() ? 0 : found->second.count;
  }

 private:
  std::map<std::string_view, Entry> entries_;
};

}  // namespace tattle
