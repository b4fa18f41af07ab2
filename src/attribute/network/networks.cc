#include "attribute/network/networks.h"

#include <cstring>

#include "base/byte_reader.h"

namespace tattle {
namespace {

constexpr std::size_t kV4Size = 12, kV6Size = 36, kHolderSize = 12;

std::uint32_t little32(const std::uint8_t* at) {
  return std::uint32_t{at[0]} | std::uint32_t{at[1]} << 8 | std::uint32_t{at[2]} << 16 | std::uint32_t{at[3]} << 24;
}

std::uint32_t v4_number(const Address& address) {
  const auto& b = address.bytes;
  return std::uint32_t{b[12]} << 24 | std::uint32_t{b[13]} << 16 | std::uint32_t{b[14]} << 8 | std::uint32_t{b[15]};
}

/// The last record whose `first` is not after the wanted address; null when all are.
template <class Before>
const std::uint8_t* last_not_after(Bytes records, std::size_t count, std::size_t size, Before after_wanted) {
  std::size_t low = 0, high = count;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (after_wanted(records.data() + middle * size)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low == 0 ? nullptr : records.data() + (low - 1) * size;
}

}  // namespace

Result<NetworkTable> NetworkTable::parse(Bytes table) {
  ByteReader in(table);
  const Bytes magic = in.take(kMagic.size(), "magic");
  if (!in.error() && as_text(magic) != kMagic) return tl::unexpected(ParseError{"magic", 0, "not a table of networks"});
  const std::uint32_t version = in.u32le("version");
  if (!in.error() && version != kVersion) {
    return tl::unexpected(ParseError{"version", 8, "made by another version of the program"});
  }
  NetworkTable result;
  result.v4_count_ = in.u32le("ipv4.count");
  result.v6_count_ = in.u32le("ipv6.count");
  result.holder_count_ = in.u32le("holders.count");
  const std::size_t names = in.u32le("names.size");
  result.v4_ = in.take(result.v4_count_ * kV4Size, "size");
  result.v6_ = in.take(result.v6_count_ * kV6Size, "size");
  result.holders_ = in.take(result.holder_count_ * kHolderSize, "size");
  result.names_ = in.take(names, "size");
  if (!in.error() && !in.done()) in.fail("size", "more bytes than its counts say");
  if (in.error()) return tl::unexpected(*in.error());
  return result;
}

std::optional<NetworkTable::Network> NetworkTable::find(const Address& address) const {
  if (address.is_v4()) {
    const std::uint32_t wanted = v4_number(address);
    const std::uint8_t* range =
        last_not_after(v4_, v4_count_, kV4Size, [&](const std::uint8_t* record) { return little32(record) > wanted; });
    if (range == nullptr || wanted < little32(range) || wanted > little32(range + 4)) return std::nullopt;
    return holder(little32(range + 8));
  }
  const std::uint8_t* wanted = address.bytes.data();
  const std::uint8_t* range = last_not_after(
      v6_, v6_count_, kV6Size, [&](const std::uint8_t* record) { return std::memcmp(record, wanted, 16) > 0; });
  if (range == nullptr || std::memcmp(wanted, range, 16) < 0 || std::memcmp(wanted, range + 16, 16) > 0) {
    return std::nullopt;
  }
  return holder(little32(range + 32));
}

std::optional<NetworkTable::Network> NetworkTable::holder(std::uint32_t index) const {
  if (index >= holder_count_) return std::nullopt;
  const std::uint8_t* record = holders_.data() + std::size_t{index} * kHolderSize;
  const std::size_t offset = little32(record + 4), length = little32(record + 8);
  if (offset > names_.size() || length > names_.size() - offset) return std::nullopt;
  return Network{little32(record), as_text(names_.subspan(offset, length))};
}

}  // namespace tattle
