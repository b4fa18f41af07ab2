#pragma once

#include <memory>
#include <vector>

#include "decode/arena.h"

namespace tattle {

class JsonIndex;
class Inflater;

/// Buffers that outlive a message, so that the next one need not allocate them. Holds no data between messages.
struct Scratch {
  Scratch();
  ~Scratch();

  Arena arena;
  std::vector<std::unique_ptr<JsonIndex>> json;  // one for each level of JSON within JSON
  std::size_t json_level = 0;
  std::unique_ptr<Inflater> inflater;
};

/// Borrows one from this thread's store for the length of a walk. A walk within a walk gets another.
class ScratchLease {
 public:
  ScratchLease();
  ~ScratchLease();
  ScratchLease(const ScratchLease&) = delete;
  ScratchLease& operator=(const ScratchLease&) = delete;
  Scratch* operator->() { return scratch_.get(); }
  Scratch& operator*() { return *scratch_; }

 private:
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace tattle
