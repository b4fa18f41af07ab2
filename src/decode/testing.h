#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "decode/value.h"

namespace tattle {

/// One node as a test sees it.
struct SeenNode {
  std::string path;  // `gzip > json $.a > base64`
  std::string bytes;
  bool fresh = true;
  std::size_t begin = 0, end = 0;  // in the parent
};

/// Keeps every node, and checks on the way what the border promises of ranges, depth and order.
class SeenTree : public ValueVisitor {
 public:
  void enter(const Value& value) override;
  void leave(const Value& value) override;

  std::vector<SeenNode> nodes;      // parents before children
  std::vector<std::string> broken;  // promises that were not kept

  /// `path = bytes` of each node but the roots.
  std::vector<std::string> lines() const;
  /// Bytes of the first node with this path; `(none)` when there is none.
  std::string at(std::string_view path) const;
  std::size_t count(std::string_view path) const;

 private:
  std::vector<const Value*> open_;
};

std::string path_text(const Value& value);
std::string from_hex(std::string_view hex);

}  // namespace tattle
