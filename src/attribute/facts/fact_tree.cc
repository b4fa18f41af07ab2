#include "attribute/facts/fact_tree.h"

#include <yaml-cpp/yaml.h>

namespace tattle {
namespace {

// An alias stands for all of its anchor, which may hold aliases in turn, even to itself.
constexpr std::size_t kMostRows = 1'000'000, kMostDepth = 64;

FactKind kind_of(const YAML::Node& node) {
  if (node.IsScalar()) return FactKind::text;
  if (node.IsSequence()) return FactKind::list;
  return node.IsMap() ? FactKind::map : FactKind::nothing;
}

class TreeBuilder {
 public:
  explicit TreeBuilder(FactTree& tree) : tree_(tree) {}

  std::uint32_t add(const YAML::Node& node, std::size_t depth) {
    if (tree_.rows.size() >= kMostRows || depth > kMostDepth) {
      throw YAML::ParserException(node.Mark(), "too many values, or too many inside each other");
    }
    const auto number = static_cast<std::uint32_t>(tree_.rows.size());
    tree_.rows.push_back({kind_of(node), static_cast<std::uint32_t>(node.Mark().line + 1),
                          static_cast<std::uint32_t>(tree_.texts.size()), 0, 0, 0});
    if (node.IsScalar()) {
      const std::string& text = node.Scalar();
      tree_.texts.insert(tree_.texts.end(), text.begin(), text.end());
      tree_.rows[number].size = static_cast<std::uint32_t>(text.size());
    }
    std::uint32_t last = 0;
    const auto join = [&](const YAML::Node& child) {
      const std::uint32_t added = add(child, depth + 1);
      (last == 0 ? tree_.rows[number].first : tree_.rows[last].next) = added;
      last = added;
    };
    for (const auto& each : node) {
      if (node.IsMap()) join(each.first);
      join(node.IsMap() ? each.second : each);
    }
    return number;
  }

 private:
  FactTree& tree_;
};

}  // namespace

FactNode FactNode::operator[](std::string_view key) const {
  if (!is_map()) return {};
  for (FactNode name = at(row().first); name;) {
    const FactNode value = at(name.row().next);
    if (name.is_text() && name.text() == key) return value;
    name = at(value.row().next);
  }
  return {};
}

std::vector<FactNode> FactNode::children() const {
  std::vector<FactNode> found;
  for (FactNode child = at(row().first); child; child = at(child.row().next)) found.push_back(child);
  return found;
}

FactTree FactTree::parse(const std::string& yaml) {
  FactTree tree;
  TreeBuilder(tree).add(YAML::Load(yaml), 0);
  return tree;
}

}  // namespace tattle
