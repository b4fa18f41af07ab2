#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace tattle {

/// Reads fields off the front of untrusted bytes and never past their end. The first failure is kept and empties
/// the reader: every later read gives zero, so a parser asks for `error()` once, at its end.
/// Numbers are big-endian (network order) unless the name says `le`.
class ByteReader {
 public:
  explicit ByteReader(Bytes input) : input_(input) {}

  std::uint8_t u8(std::string_view field) { return static_cast<std::uint8_t>(big_endian(1, field)); }
  std::uint16_t u16(std::string_view field) { return static_cast<std::uint16_t>(big_endian(2, field)); }
  std::uint32_t u24(std::string_view field) { return static_cast<std::uint32_t>(big_endian(3, field)); }
  std::uint32_t u32(std::string_view field) { return static_cast<std::uint32_t>(big_endian(4, field)); }
  std::uint64_t u64(std::string_view field) { return big_endian(8, field); }
  std::uint16_t u16le(std::string_view field) { return static_cast<std::uint16_t>(little_endian(2, field)); }
  std::uint32_t u32le(std::string_view field) { return static_cast<std::uint32_t>(little_endian(4, field)); }
  std::uint64_t u64le(std::string_view field) { return little_endian(8, field); }

  /// The next `count` bytes; empty on failure. They live as long as the input.
  Bytes take(std::size_t count, std::string_view field) {
    if (!need(count, field)) return {};
    Bytes taken = input_.subspan(offset_, count);
    offset_ += count;
    return taken;
  }
  void skip(std::size_t count, std::string_view field) { take(count, field); }

  Bytes rest() const { return input_.subspan(offset_); }
  std::size_t remaining() const { return input_.size() - offset_; }
  std::size_t offset() const { return offset_; }
  bool done() const { return remaining() == 0; }

  /// For what the bytes say rather than how many there are.
  void fail(std::string_view field, std::string_view why) {
    if (!error_) error_ = ParseError{field, offset_, why};
    offset_ = input_.size();
  }
  const std::optional<ParseError>& error() const { return error_; }

 private:
  bool need(std::size_t count, std::string_view field) {
    if (error_) return false;
    if (remaining() >= count) return true;
    fail(field, "the data ends too early");
    return false;
  }
  std::uint64_t big_endian(std::size_t count, std::string_view field) {
    std::uint64_t value = 0;
    for (std::uint8_t byte : take(count, field)) value = value << 8 | byte;
    return value;
  }
  std::uint64_t little_endian(std::size_t count, std::string_view field) {
    std::uint64_t value = 0;
    int shift = 0;
    for (std::uint8_t byte : take(count, field)) {
      value |= std::uint64_t{byte} << shift;
      shift += 8;
    }
    return value;
  }

  Bytes input_;
  std::size_t offset_ = 0;
  std::optional<ParseError> error_;
};

}  // namespace tattle
