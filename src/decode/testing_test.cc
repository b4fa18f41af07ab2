#include "decode/testing.h"

#include <algorithm>

namespace tattle {

std::string path_text(const Value& value) {
  std::string text;
  for (const PathStep& step : path_of(value)) {
    if (!text.empty()) text += " > ";
    text += step.step;
    if (!step.detail.empty()) text += " " + step.detail;
  }
  return text;
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

void SeenTree::enter(const Value& value) {
  const Value* parent = open_.empty() ? nullptr : open_.back();
  if (value.parent != parent) broken.push_back("parent is not the open node: " + path_text(value));
  if (parent) {
    if (value.depth != parent->depth + 1) broken.push_back("depth: " + path_text(value));
    if (value.parent_begin > value.parent_end || value.parent_end > parent->bytes.size()) {
      broken.push_back("range: " + path_text(value));
    }
    if (!value.fresh && (value.bytes.data() != parent->bytes.data() + value.parent_begin ||
                         value.bytes.size() != value.parent_end - value.parent_begin)) {
      broken.push_back("a range that is not its parent's bytes: " + path_text(value));
    }
  } else if (!value.fresh || !value.step.empty() || value.depth != 0) {
    broken.push_back("root");
  }
  open_.push_back(&value);
  nodes.push_back(
      {path_text(value), std::string(as_text(value.bytes)), value.fresh, value.parent_begin, value.parent_end});
}

void SeenTree::leave(const Value& value) {
  if (open_.empty() || open_.back() != &value) broken.push_back("left what was not open: " + path_text(value));
  if (!open_.empty()) open_.pop_back();
}

std::vector<std::string> SeenTree::lines() const {
  std::vector<std::string> out;
  for (const SeenNode& node : nodes) {
    if (!node.path.empty()) out.push_back(node.path + " = " + node.bytes);
  }
  return out;
}

std::string SeenTree::at(std::string_view path) const {
  auto found = std::find_if(nodes.begin(), nodes.end(), [&](const SeenNode& node) { return node.path == path; });
  return found == nodes.end() ? "(none)" : found->bytes;
}

std::size_t SeenTree::count(std::string_view path) const {
  return static_cast<std::size_t>(
      std::count_if(nodes.begin(), nodes.end(), [&](const SeenNode& node) { return node.path == path; }));
}

}  // namespace tattle
