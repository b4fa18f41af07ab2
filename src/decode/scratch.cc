#include "decode/scratch.h"

#include "decode/coding/inflate.h"
#include "decode/json/index.h"

namespace tattle {
namespace {

constexpr std::size_t kKeptBytes = 4 << 20;

// Buffers only: what a walk finds never depends on which one it got.
std::vector<std::unique_ptr<Scratch>>& store() {
  thread_local std::vector<std::unique_ptr<Scratch>> kept;
  return kept;
}

}  // namespace

Scratch::Scratch() = default;
Scratch::~Scratch() = default;

ScratchLease::ScratchLease() {
  auto& kept = store();
  if (kept.empty()) {
    scratch_ = std::make_unique<Scratch>();
  } else {
    scratch_ = std::move(kept.back());
    kept.pop_back();
  }
}

ScratchLease::~ScratchLease() {
  scratch_->arena.trim(kKeptBytes);
  std::erase_if(scratch_->json, [](const auto& index) { return index->memory() > kKeptBytes; });
  scratch_->json_level = 0;
  store().push_back(std::move(scratch_));
}

}  // namespace tattle
