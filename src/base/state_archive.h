#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/packet_ref.h"
#include "base/shared_values.h"
#include "base/time.h"

namespace tattle {

/// A silent object: what it knows as a row of bytes, and the long rows among it, which are handed over, not copied.
struct PackedState {
  ByteVector bytes;
  std::vector<ByteVector> long_rows;
};

/// Texts that many silent connections have in common: names of servers, fingerprints. Beyond so many each keeps its
/// own.
class SharedTexts : public SharedValues<std::string> {
 public:
  SharedTexts() : SharedValues(4096) {}
};

/// What a silent object knows, as a row of bytes: one list of its fields, `archive(a, b, c)`, both writes and reads it.
/// Integers take seven bits a byte, rows their length before them. Read only what was written by the same list in the
/// same process: nothing of it comes from outside, so nothing is checked.
class StateArchive {
 public:
  /// Writes. @param texts  May be null; else the same as when it is read.
  explicit StateArchive(SharedTexts* texts = nullptr) : texts_(texts) {}
  /// Reads: the object behind `bytes`, which takes the long rows that are its own.
  StateArchive(const std::uint8_t* bytes, std::vector<ByteVector>& long_rows, SharedTexts* texts = nullptr)
      : texts_(texts), long_rows_(std::move(long_rows)), read_(bytes) {}

  bool reads() const { return read_ != nullptr; }

  template <class... Fields>
  void operator()(Fields&... fields) {
    (pass(fields), ...);
  }
  /// Up to 64 of them in as few bytes as their last that is set needs.
  template <class... Flags>
  void flags(Flags&... flags) {
    std::uint64_t bits = 0;
    int at = 0;
    ((bits |= std::uint64_t{flags ? 1u : 0u} << at++), ...);
    pass(bits);
    at = 0;
    if (reads()) ((flags = (bits >> at++ & 1) != 0), ...);
  }
  /// As its distance from another that both sides know.
  void near(std::uint64_t& value, std::uint64_t known) {
    std::uint64_t distance = value - known;
    distance = distance << 1 ^ (distance >> 63 != 0 ? ~std::uint64_t{0} : 0);
    pass(distance);
    value = known + (distance >> 1 ^ ((distance & 1) != 0 ? ~std::uint64_t{0} : 0));
  }
  void near(Time& value, Time known) {
    auto ns = static_cast<std::uint64_t>(value.ns);
    near(ns, static_cast<std::uint64_t>(known.ns));
    value.ns = static_cast<std::int64_t>(ns);
  }
  /// Bytes of a number known to both sides.
  template <class Row>
  void raw(Row& row) {
    if (reads()) {
      for (auto& byte : row) byte = *read_++;
    } else {
      out_.insert(out_.end(), row.begin(), row.end());
    }
  }

  /// A row that the object gives away, and that the next one takes.
  void long_row(ByteVector& row) {
    bool there = !row.empty();
    pass(there);
    if (!there) return;
    if (reads()) {
      row = std::move(long_rows_[next_long_row_++]);
    } else {
      long_rows_.push_back(std::move(row));
      row = ByteVector();
    }
  }
  /// One of a few words that come often.
  void word(std::string& word, std::span<const std::string_view> known) {
    auto at = static_cast<std::size_t>(std::find(known.begin(), known.end(), word) - known.begin());
    pass(at);
    if (at == known.size()) return bytes(word);
    if (reads()) word = known[at];
  }
  /// One that others have too. What is written is read once, or its text stays for good.
  void shared(std::string& text) {
    constexpr std::size_t kShort = 3;
    if (reads()) {
      const std::uint64_t key = number();
      if ((key & 1) == 0) {
        text.assign(read_, read_ + key / 2);
        read_ += key / 2;
        return;
      }
      text = (*texts_)[static_cast<std::uint32_t>(key / 2)];
      return texts_->release(static_cast<std::uint32_t>(key / 2));
    }
    const std::uint32_t kept = texts_ != nullptr && text.size() > kShort ? texts_->keep(text) : 0;
    write(kept != 0 ? std::uint64_t{kept} * 2 + 1 : text.size() * 2);
    if (kept == 0) out_.insert(out_.end(), text.begin(), text.end());
  }

  const ByteVector& written() const { return out_; }
  /// Those that were given away.
  std::vector<ByteVector> take_long_rows() { return std::move(long_rows_); }

 private:
  template <class T>
  requires(std::is_integral_v<T> || std::is_enum_v<T>) void pass(T& value) {
    if (reads()) {
      value = static_cast<T>(number());
    } else {
      write(static_cast<std::uint64_t>(value));
    }
  }
  template <class T>
  void pass(const T*& value) {
    auto address = reinterpret_cast<std::uintptr_t>(value);
    pass(address);
    // Of this process's own tables, and never from outside: NOLINTNEXTLINE(performance-no-int-to-ptr)
    value = reinterpret_cast<const T*>(address);
  }
  void pass(Time& time) { near(time, Time{}); }
  void pass(PacketRun& run) {
    pass(run.capture);
    pass(run.first);
    near(run.last, run.first);
  }
  void pass(ByteVector& row) { bytes(row); }
  void pass(std::string& text) { bytes(text); }
  template <class T>
  void pass(std::vector<T>& row) {
    std::size_t size = row.size();
    pass(size);
    if (reads()) row.resize(size);
    for (T& each : row) pass(each);
  }
  template <class T>
  void pass(std::optional<T>& value) {
    bool there = value.has_value();
    pass(there);
    if (there && !value) value.emplace();
    if (there) pass(*value);
  }
  template <class Row>
  void bytes(Row& row) {
    std::size_t size = row.size();
    pass(size);
    if (reads()) {
      row.assign(read_, read_ + size);
      read_ += size;
    } else {
      out_.insert(out_.end(), row.begin(), row.end());
    }
  }
  void write(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<std::uint8_t>(value | 0x80));
    out_.push_back(static_cast<std::uint8_t>(value));
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const std::uint8_t byte = *read_++;
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
  }

  SharedTexts* texts_;
  ByteVector out_;
  std::vector<ByteVector> long_rows_;
  std::size_t next_long_row_ = 0;
  const std::uint8_t* read_ = nullptr;
};

}  // namespace tattle
