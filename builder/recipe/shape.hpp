#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "builder/recipe/node.hpp"
#include "core/result.hpp"

namespace reburst::recipe {

// What is wrong with a value, and what to do about it.
struct Problem {
  std::string message;
  std::string hint;
};
using Check = std::optional<Problem> (*)(std::string_view text);

struct Field;

// What a node must look like. The tables of format.cpp are made of these; validation, merging and the test against the
// JSON Schema all read the same tables.
struct Shape {
  Kind kind = Kind::kText;
  Check check = nullptr;               // kText: the value
  std::int64_t low = 0, high = 0;      // kNumber: whole numbers in this range
  std::span<const Field> fields = {};  // kMap
  const Shape* item = nullptr;         // kList
  std::size_t least = 0;               // kList: entries
  // kList: what two entries may not share in one recipe, and by which a heir's entry replaces an inherited one. Without
  // it, entries are never compared.
  std::string (*identity)(const Node& item) = nullptr;
  // kMap: lists in which the same entry cannot stand at once; a heir's entry removes an inherited one from the others.
  std::span<const std::string_view> opposed = {};
  Result<> (*whole)(const Node& node) = nullptr;  // kMap: what fields have to do with each other
  const Shape* otherwise = nullptr;               // the shape of a node of another kind
};

struct Field {
  std::string_view key;
  const Shape* shape = nullptr;
  bool required = false;
};

[[nodiscard]] const Field* find_field(const Shape& shape, std::string_view key);

// The shape of `shape`'s alternatives that fits the node's kind.
[[nodiscard]] const Shape& shape_for(const Node& node, const Shape& shape);

// The first thing that is wrong, in the order of the text; kRecipe at its position. `label` names the node in errors.
[[nodiscard]] Result<> validate(const Node& node, const Shape& shape, std::string_view label);

// The candidate that `word` is most likely a misspelling of, if any is near.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

// A whole number within int64, decimal digits with an optional minus.
[[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view text);

}  // namespace reburst::recipe
