// `tattle data build`: the published CSV of autonomous systems becomes the table that networks.cc searches.
#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <vector>

#include "attribute/csv.h"
#include "attribute/network/networks.h"

namespace tattle {
namespace {

struct Range {
  Address first, last;
  std::uint32_t holder = 0;
};

void put32(ByteVector& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint32_t narrow32(std::size_t count) { return static_cast<std::uint32_t>(count); }

/// Holders by number and name: one number has several names where the sources disagree.
class Holders {
 public:
  std::uint32_t add(std::uint32_t number, const std::string& name) {
    const std::string key = std::to_string(number) + ' ' + name;
    auto [found, fresh] = index_.try_emplace(key, narrow32(index_.size()));
    if (fresh) {
      put32(records_, number);
      put32(records_, narrow32(names_.size()));
      put32(records_, narrow32(name.size()));
      names_ += name;
    }
    return found->second;
  }
  std::size_t count() const { return index_.size(); }
  const ByteVector& records() const { return records_; }
  const std::string& names() const { return names_; }

 private:
  std::unordered_map<std::string, std::uint32_t> index_;
  ByteVector records_;
  std::string names_;
};

Address predecessor(Address address) {
  for (std::size_t i = address.bytes.size(); i-- > 0;) {
    if (address.bytes[i]-- != 0) break;
  }
  return address;
}

void read_ranges(std::string_view csv, bool v4, Holders& holders, std::vector<Range>& ranges, CompileCounts& counts) {
  std::string_view line;
  std::vector<std::string> fields;
  while (next_line(csv, line)) {
    if (line.empty()) continue;
    split_csv_line(line, fields);
    std::optional<Address> first, last;
    std::uint32_t number = 0;
    bool good = fields.size() == 4;
    if (good) {
      first = Address::parse(fields[0]);
      last = Address::parse(fields[1]);
      auto [end, error] = std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), number);
      good = error == std::errc{} && end == fields[2].data() + fields[2].size();
    }
    if (!good || !first || !last || *last < *first || first->is_v4() != v4 || last->is_v4() != v4) {
      ++counts.skipped_lines;
      continue;
    }
    ranges.push_back({*first, *last, holders.add(number, fields[3])});
  }
}

Address successor(Address address) {
  for (std::size_t i = address.bytes.size(); i-- > 0;) {
    if (++address.bytes[i] != 0) break;
  }
  return address;
}

/// Sorted ranges that may nest become disjoint ones, so that a binary search by first address is enough. Where two
/// overlap, the one that begins later wins, of those that begin together the narrower.
class Flattener {
 public:
  explicit Flattener(std::vector<Range>& out) : out_(out) {}

  void add(const Range& range) {
    close_before(range.first);
    if (!open_.empty() && cursor_ < range.first)
      out_.push_back({cursor_, predecessor(range.first), open_.back().holder});
    cursor_ = range.first;
    open_.push_back(range);
  }
  void finish() {
    while (!open_.empty()) close_last();
  }
  bool overlapping(const Address& first) {
    close_before(first);
    return !open_.empty();
  }

 private:
  void close_before(const Address& first) {
    while (!open_.empty() && open_.back().last < first) close_last();
  }
  void close_last() {
    const Range& range = open_.back();
    if (cursor_ <= range.last) {
      out_.push_back({cursor_, range.last, range.holder});
      cursor_ = successor(range.last);
      if (cursor_ < range.last) return open_.clear();  // past the last address there is
    }
    open_.pop_back();
  }

  std::vector<Range>& out_;
  std::vector<Range> open_;
  Address cursor_;
};

void make_disjoint(std::vector<Range>& ranges, CompileCounts& counts) {
  std::stable_sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) {
    return a.first != b.first ? a.first < b.first : b.last < a.last;
  });
  std::vector<Range> kept;
  kept.reserve(ranges.size());
  Flattener flattener(kept);
  for (const Range& range : ranges) {
    counts.overlaps += flattener.overlapping(range.first);
    flattener.add(range);
  }
  flattener.finish();
  ranges = std::move(kept);
  counts.ranges += ranges.size();
}

std::uint32_t v4_number(const Address& address) {
  const auto& b = address.bytes;
  return std::uint32_t{b[12]} << 24 | std::uint32_t{b[13]} << 16 | std::uint32_t{b[14]} << 8 | std::uint32_t{b[15]};
}

}  // namespace

ByteVector compile_networks(std::string_view csv_v4, std::string_view csv_v6, CompileCounts& counts) {
  Holders holders;
  std::vector<Range> v4, v6;
  read_ranges(csv_v4, true, holders, v4, counts);
  read_ranges(csv_v6, false, holders, v6, counts);
  make_disjoint(v4, counts);
  make_disjoint(v6, counts);

  ByteVector out;
  out.reserve(28 + v4.size() * 12 + v6.size() * 36 + holders.records().size() + holders.names().size());
  out.insert(out.end(), NetworkTable::kMagic.begin(), NetworkTable::kMagic.end());
  put32(out, NetworkTable::kVersion);
  put32(out, narrow32(v4.size()));
  put32(out, narrow32(v6.size()));
  put32(out, narrow32(holders.count()));
  put32(out, narrow32(holders.names().size()));
  for (const Range& range : v4) {
    put32(out, v4_number(range.first));
    put32(out, v4_number(range.last));
    put32(out, range.holder);
  }
  for (const Range& range : v6) {
    out.insert(out.end(), range.first.bytes.begin(), range.first.bytes.end());
    out.insert(out.end(), range.last.bytes.begin(), range.last.bytes.end());
    put32(out, range.holder);
  }
  out.insert(out.end(), holders.records().begin(), holders.records().end());
  out.insert(out.end(), holders.names().begin(), holders.names().end());
  return out;
}

}  // namespace tattle
