#include "protocol/http2/hpack.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>

namespace tattle {
namespace {

// No HTTP field may be named so (RFC 9113 section 8.2.1), and with an empty value this is the smallest entry that a
// real table can hold: a table filled with it refuses no index that the sender's table had.
constexpr char kSentinelName = '\x01';
constexpr std::uint64_t kSentinelEntryBytes = 32 + 1;  // RFC 7541 section 4.1

// After a loss the announced size may be unknown too; what browsers announce is covered.
constexpr std::uint64_t kUsualTableBytes = 65536;
// Filling a table costs more than the bytes that make it necessary: hostile streams get small tables, then none.
constexpr std::uint32_t kLargeTables = 256;
constexpr std::uint32_t kMostFailures = 64;

void append_size_update(ByteVector& block, std::uint64_t size) {
  // RFC 7541 section 6.3: 001 and an integer with a 5-bit prefix (section 5.1).
  if (size < 31) {
    block.push_back(static_cast<std::uint8_t>(0x20 | size));
    return;
  }
  block.push_back(0x3f);
  for (size -= 31; size >= 128; size >>= 7) block.push_back(static_cast<std::uint8_t>(0x80 | (size & 0x7f)));
  block.push_back(static_cast<std::uint8_t>(size));
}

ByteVector sentinel_block(std::uint64_t table_bytes) {
  ByteVector block;
  block.reserve(8 + table_bytes / kSentinelEntryBytes * 4);
  append_size_update(block, table_bytes);
  for (std::uint64_t used = kSentinelEntryBytes; used <= table_bytes; used += kSentinelEntryBytes) {
    // Section 6.2.1: literal with incremental indexing, new name of one byte, empty value.
    block.insert(block.end(), {0x40, 0x01, static_cast<std::uint8_t>(kSentinelName), 0x00});
  }
  return block;
}

}  // namespace

void HpackDecoder::Free::operator()(nghttp2_hd_inflater* inflater) const { nghttp2_hd_inflate_del(inflater); }

HpackDecoder::HpackDecoder(const Limits& limits) : table_limit_(limits.http2_header_table_bytes) {}
HpackDecoder::~HpackDecoder() = default;

void HpackDecoder::announce(std::uint64_t table_bytes) { announced_ = std::max(announced_, table_bytes); }

void HpackDecoder::lose_table() {
  inflater_.reset();
  lost_ = true;
}

bool HpackDecoder::over_announced() const {
  return inflater_ && !lost_ && nghttp2_hd_inflate_get_max_dynamic_table_size(inflater_.get()) > announced_;
}

bool HpackDecoder::prepare() {
  if (inflater_) return true;
  if (failures_ > kMostFailures) return false;
  nghttp2_hd_inflater* fresh = nullptr;
  if (nghttp2_hd_inflate_new(&fresh) != 0) return false;
  inflater_.reset(fresh);
  const std::uint64_t most = std::max<std::uint64_t>(table_limit_, 4096);
  nghttp2_hd_inflate_change_table_size(fresh, most);
  if (!lost_) return true;
  const std::uint64_t wanted = ++losses_ <= kLargeTables ? std::max(announced_, kUsualTableBytes) : 4096;
  const ByteVector block = sentinel_block(std::min(wanted, most));
  return inflate(block, true, nullptr);
}

bool HpackDecoder::inflate(Bytes block, bool last, Http2Head* head) {
  const std::uint8_t* at = block.data();
  std::size_t left = block.size();
  for (;;) {
    nghttp2_nv field{};
    int flags = 0;
    const ssize_t used = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, at, left, last ? 1 : 0);
    if (used < 0) return false;
    at += used;
    left -= static_cast<std::size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0 && head != nullptr) {
      const std::string_view name(reinterpret_cast<const char*>(field.name), field.namelen);
      const std::string_view value(reinterpret_cast<const char*>(field.value), field.valuelen);
      const bool unknown = name.size() == 1 && name[0] == kSentinelName;
      head->add(unknown ? std::string_view() : name, value, unknown);
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
      nghttp2_hd_inflate_end_headers(inflater_.get());
      return true;
    }
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) return !last;
  }
}

bool HpackDecoder::decode(Bytes block, bool cut, Http2Head& head) {
  if (!prepare()) return false;
  const bool good = inflate(block, !cut, &head);
  if (!good) ++failures_;
  if (!good || cut) lose_table();
  return good;
}

}  // namespace tattle
