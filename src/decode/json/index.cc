#include "decode/json/index.h"

#include <simdjson.h>

#include <algorithm>

namespace tattle {

using simdjson::internal::dom_parser_implementation;

JsonIndex::JsonIndex() = default;
JsonIndex::~JsonIndex() = default;

bool JsonIndex::build(Bytes text) {
  if (text.empty() || text.size() >= (std::size_t{1} << 32) - 64) return false;
  const std::size_t needed = text.size() + 2;
  if (!stage_ || stage_->capacity() < needed) {
    const std::size_t capacity = std::max<std::size_t>(4096, needed + needed / 4);
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, stage_)) return false;
  }
  marks_.build(text);
  stage_->n_structural_indexes = 0;
  const auto error = stage_->stage1(text.data(), text.size(), simdjson::stage1_mode::regular);
  // Text that is not UTF-8 is indexed all the same; other errors come before the count is set.
  if (!error || error == simdjson::UTF8_ERROR) return true;
  return build_mended(text);
}

// A string that is cut or holds raw control characters stops simdjson. A copy of the same length without them, and
// with its last string closed, has the same tokens at the same places.
bool JsonIndex::build_mended(Bytes text) {
  mended_.assign(text.begin(), text.end());
  for (std::uint8_t& byte : mended_) {
    if (byte < 0x20) byte = ' ';
  }
  for (int tries = 0; tries < 3; ++tries) {
    stage_->n_structural_indexes = 0;
    const auto error = stage_->stage1(mended_.data(), mended_.size(), simdjson::stage1_mode::regular);
    if (!error || error == simdjson::UTF8_ERROR) {
      // The added quote may itself count as a token.
      while (stage_->n_structural_indexes > 0 &&
             stage_->structural_indexes[stage_->n_structural_indexes - 1] >= text.size()) {
        --stage_->n_structural_indexes;
      }
      return stage_->n_structural_indexes > 0;
    }
    if (mended_.size() >= text.size() + 2) return false;
    mended_.push_back('"');
  }
  return false;
}

std::span<const std::uint32_t> JsonIndex::tokens() const {
  return {stage_->structural_indexes.get(), stage_->n_structural_indexes};
}

std::size_t JsonIndex::memory() const {
  return mended_.capacity() + marks_.memory() + (stage_ ? stage_->capacity() * sizeof(std::uint32_t) : 0);
}

}  // namespace tattle
