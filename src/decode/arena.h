#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace tattle {

/// Where decoded bytes live: a stack of blocks. What was made after a mark is given back when the mark's scope ends,
/// so a message needs as much memory as its deepest branch, not as the whole tree.
class Arena {
 public:
  /// At least `size` bytes that lie together, not initialised. They stay put until the scope they were made in ends.
  std::uint8_t* take(std::size_t size);
  /// Gives back all but the first `used` bytes of the last `take`.
  void shrink_last(std::uint8_t* taken, std::size_t used);
  /// Frees blocks beyond `keep` bytes; nothing may be in use.
  void trim(std::size_t keep);

  class Scope {
   public:
    explicit Scope(Arena& arena) : arena_(arena), block_(arena.current_), used_(arena.used_) {}
    ~Scope() {
      arena_.current_ = block_;
      arena_.used_ = used_;
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Arena& arena_;
    std::size_t block_, used_;
  };

 private:
  struct Block {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Block> blocks_;
  std::size_t current_ = 0;  // block being filled; the later ones are free
  std::size_t used_ = 0;     // of that block
};

}  // namespace tattle
