#include "builder/recipe/merge.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace reburst::recipe {

namespace {

Node merge_lists(Node base, const Node& heir, const Shape& shape) {
  if (shape.identity == nullptr) {
    base.items.insert(base.items.end(), heir.items.begin(), heir.items.end());
    return base;
  }
  std::map<std::string, std::size_t> inherited;
  for (std::size_t i = 0; i < base.items.size(); ++i) inherited.emplace(shape.identity(base.items[i]), i);
  for (const auto& item : heir.items) {
    const auto found = inherited.find(shape.identity(item));
    if (found != inherited.end()) {
      base.items[found->second] = item;
    } else {
      base.items.push_back(item);
    }
  }
  return base;
}

bool is_scalar(const Node& node) {
  return node.kind != Kind::kMap && node.kind != Kind::kList;
}

Member* member_of(Node& map, std::string_view key) {
  const auto found =
      std::find_if(map.members.begin(), map.members.end(), [&](const Member& m) { return m.key == key; });
  return found == map.members.end() ? nullptr : &*found;
}

// The later word wins: what the heir lists under one of the opposed keys is no longer inherited under the others.
void drop_opposed(Node& base, const Node& heir, const Shape& shape) {
  for (const auto key : shape.opposed) {
    const auto* list = find(heir, key);
    if (list == nullptr) continue;
    const auto& identity = find_field(shape, key)->shape->identity;
    std::set<std::string> named;
    for (const auto& item : list->items) named.insert(identity(item));
    for (const auto other : shape.opposed) {
      auto* member = other == key ? nullptr : member_of(base, other);
      if (member == nullptr) continue;
      const auto& other_identity = find_field(shape, other)->shape->identity;
      std::erase_if(member->value.items, [&](const Node& item) { return named.contains(other_identity(item)); });
    }
  }
}

Node merge_maps(Node base, const Node& heir, const Shape& shape) {
  drop_opposed(base, heir, shape);
  for (const auto& member : heir.members) {
    auto* inherited = member_of(base, member.key);
    if (inherited == nullptr) {
      base.members.push_back(member);
    } else {
      const auto& field = *find_field(shape, member.key);
      const bool is_same_container = inherited->value.kind == member.value.kind && !is_scalar(member.value);
      if (!is_same_container) inherited->mark = member.mark;
      inherited->value = merge(std::move(inherited->value), member.value, *field.shape);
    }
  }
  return base;
}

}  // namespace

Node merge(Node base, const Node& heir, const Shape& any) {
  if (base.kind != heir.kind) return heir;
  const auto& shape = shape_for(heir, any);
  if (base.kind == Kind::kMap) return merge_maps(std::move(base), heir, shape);
  if (base.kind == Kind::kList) return merge_lists(std::move(base), heir, shape);
  return heir;
}

}  // namespace reburst::recipe
