#pragma once

#include <span>
#include <string_view>

#include "decode/walker.h"

namespace tattle {

/// How a decompression ended.
enum class Unpacked {
  whole,
  cut,      // the input ended first
  damaged,  // the input is not what it claims from some place on
  limited,  // no more output is allowed
};

/// Takes what a decompressor gives, up to what the message's limits allow.
class UnpackOutput {
 public:
  UnpackOutput(Walker& walker, std::size_t input_size);

  /// Where to write next; empty when a limit is reached, which is then noted.
  std::span<std::uint8_t> room();
  void wrote(std::size_t count) { size_ += count; }
  /// What was written so far; lives as long as the arena scope it was made in.
  Bytes bytes() const { return {data_, size_}; }

 private:
  Walker& walker_;
  std::size_t allowed_ = 0;
  bool ratio_allows_less_ = false;
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Names a coding's step and its anomalies; all literals.
struct UnpackNames {
  std::string_view step, cut, damaged;
};

/// Makes the node of what came out and opens it. What came before a cut or damage counts, when there is any of it.
/// @return false when nothing came out, or the input is plain text: it was something else.
bool open_unpacked(Walker& walker, const Value& value, const UnpackNames& names, Bytes output, Unpacked how);

}  // namespace tattle
