#include "decode/coding/unpack.h"

#include <algorithm>
#include <cstring>

#include "decode/token/text.h"

namespace tattle {
namespace {

constexpr std::size_t kRatioFrom = 1 << 20;  // a small bomb is no bomb
constexpr std::size_t kFirstRoom = 4096;

}  // namespace

UnpackOutput::UnpackOutput(Walker& walker, std::size_t input_size) : walker_(walker) {
  const std::uint64_t by_output = walker.output_room();
  const std::uint64_t ratio = walker.limits().decode_ratio;
  const std::uint64_t by_ratio =
      ratio > UINT64_MAX / (input_size + 1) ? UINT64_MAX : std::max<std::uint64_t>(kRatioFrom, ratio * input_size);
  ratio_allows_less_ = by_ratio < by_output;
  allowed_ = std::min(by_output, by_ratio);
  capacity_ = std::min(allowed_, std::max(kFirstRoom, input_size * 6));
  data_ = walker.arena().take(capacity_);
}

std::span<std::uint8_t> UnpackOutput::room() {
  if (size_ == capacity_ && capacity_ < allowed_) {
    const std::size_t larger = std::min(allowed_, std::max(kFirstRoom, capacity_ * 2));
    std::uint8_t* moved = walker_.arena().take(larger);
    std::memcpy(moved, data_, size_);
    data_ = moved;
    capacity_ = larger;
  }
  if (size_ == capacity_) walker_.hit_limit(ratio_allows_less_ ? "decode.limit-ratio" : "decode.limit-output");
  return {data_ + size_, capacity_ - size_};
}

bool open_unpacked(Walker& walker, const Value& value, const UnpackNames& names, Bytes output, Unpacked how) {
  if (output.empty() && how != Unpacked::whole) return how == Unpacked::limited;
  // Brotli and raw deflate have no magic and take a while to refuse text that was never packed.
  if ((how == Unpacked::cut || how == Unpacked::damaged) && is_plain_text(value.bytes)) return false;
  if (how == Unpacked::cut) walker.note(names.cut);
  if (how == Unpacked::damaged) walker.note(names.damaged);
  walker.made(value, names.step, nullptr, value.bytes, output, [&](const Value& made) { walker.open_decoded(made); });
  return true;
}

}  // namespace tattle
