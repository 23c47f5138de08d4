#include "builder/recipe/shape.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "builder/recipe/checks.hpp"
#include "core/text.hpp"

namespace reburst::recipe {

namespace {

std::vector<std::string> keys_of(const Shape& shape) {
  std::vector<std::string> keys;
  for (const auto& field : shape.fields) keys.emplace_back(field.key);
  return keys;
}

std::string hint_for(const Node& node, const Shape& shape) {
  if (shape.kind == Kind::kText && (node.kind == Kind::kNumber || node.kind == Kind::kFlag)) {
    return "put it in quotes: \"" + node.scalar + "\"";
  }
  if (shape.kind == Kind::kFlag) return "write true or false";
  if (shape.kind == Kind::kNumber) return "write digits without quotes";
  if (shape.kind == Kind::kList && node.kind == Kind::kNull) return "write [] for an empty list, or leave the key out";
  if (shape.kind == Kind::kList) return "write a list: [a, b], or one \"- a\" a line";
  if (shape.kind == Kind::kMap && shape.fields.size() > 1) return "known keys here: " + join(keys_of(shape), ", ");
  return node.kind == Kind::kNull ? "write \"\" for empty text, or leave the key out"
                                  : "write it in one pair of quotes";
}

tl::unexpected<Error> wrong_kind(const Node& node, const Shape& shape, std::string_view label) {
  std::string wanted(kind_words(shape.kind));
  if (shape.otherwise != nullptr) wanted += " or " + std::string(kind_words(shape.otherwise->kind));
  return fail_at(node.mark, std::string(label) + " must be " + wanted + ", not " + std::string(kind_words(node.kind)),
                 hint_for(node, shape));
}

Result<> validate_number(const Node& node, const Shape& shape, std::string_view label) {
  const auto value = whole_number(node.scalar);
  if (value && *value >= shape.low && *value <= shape.high) return {};
  const bool fixed = shape.low == shape.high;
  const auto range = fixed ? std::to_string(shape.low)
                           : "a whole number from " + std::to_string(shape.low) + " to " + std::to_string(shape.high);
  return fail_at(node.mark, std::string(label) + " must be " + range + ", not " + node.scalar,
                 fixed ? "write " + range : "write digits in that range, without quotes");
}

Result<> refuse_unknown(const Member& member, const Shape& shape) {
  const auto keys = keys_of(shape);
  const auto meant = nearest(member.key, keys);
  return fail_at(member.mark, "unknown key " + in_quotes(member.key),
                 meant ? "did you mean \"" + *meant + "\"?" : "known keys here: " + join(keys, ", "));
}

Result<> validate_opposed(const Node& node, const Shape& shape) {
  std::map<std::string, std::string_view> seen;
  for (const auto key : shape.opposed) {
    const auto* list = find(node, key);
    if (list == nullptr) continue;
    const auto& item_shape = *find_field(shape, key)->shape;
    for (const auto& item : list->items) {
      const auto [at, is_new] = seen.emplace(item_shape.identity(item), key);
      if (!is_new) {
        return fail_at(
            item.mark,
            in_quotes(at->first) + " stands in \"" + std::string(at->second) + "\" and in \"" + std::string(key) + "\"",
            "keep one of the two");
      }
    }
  }
  return {};
}

Result<> validate_map(const Node& node, const Shape& shape, std::string_view label) {
  for (const auto& member : node.members) {
    const auto* field = find_field(shape, member.key);
    if (field == nullptr) return refuse_unknown(member, shape);
    REBURST_TRY(validate(member.value, *field->shape, in_quotes(member.key)));
  }
  for (const auto& field : shape.fields) {
    if (field.required && find(node, field.key) == nullptr) {
      const bool is_fixed = field.shape->kind == Kind::kNumber && field.shape->low == field.shape->high;
      const auto value = is_fixed ? ": " + std::to_string(field.shape->low) : ":";
      return fail_at(node.mark, std::string(label) + " has no \"" + std::string(field.key) + "\"",
                     "add \"" + std::string(field.key) + value + "\"");
    }
  }
  REBURST_TRY(validate_opposed(node, shape));
  if (shape.whole != nullptr) return shape.whole(node);
  return {};
}

Result<> validate_list(const Node& node, const Shape& shape, std::string_view label) {
  if (node.items.size() < shape.least) {
    return fail_at(node.mark, std::string(label) + " is empty", "name at least one, or leave the key out");
  }
  std::map<std::string, const Mark*> seen;
  const auto item_label = "an entry of " + std::string(label);
  for (const auto& item : node.items) {
    REBURST_TRY(validate(item, *shape.item, item_label));
    if (shape.identity == nullptr) continue;
    const auto [at, is_new] = seen.emplace(shape.identity(item), &item.mark);
    if (!is_new) {
      return fail_at(item.mark, in_quotes(at->first) + " stands twice in " + std::string(label),
                     "it stands first at " + place(*at->second));
    }
  }
  return {};
}

// Edits (insert, remove, replace, swap of neighbours) that turn one word into the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || at != end) return std::nullopt;
  return value;
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates) {
  constexpr std::size_t kLongestKey = 40;
  if (word.size() > kLongestKey) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = word.size() / 3 + 1;  // further away is another word
  for (const auto& candidate : candidates) {
    const auto edits = distance(word, candidate);
    if (edits < best_distance || (edits == best_distance && !best && edits < candidate.size())) {
      best = candidate;
      best_distance = edits;
    }
  }
  return best;
}

const Field* find_field(const Shape& shape, std::string_view key) {
  const auto found =
      std::find_if(shape.fields.begin(), shape.fields.end(), [&](const Field& f) { return f.key == key; });
  return found == shape.fields.end() ? nullptr : &*found;
}

const Shape& shape_for(const Node& node, const Shape& shape) {
  return node.kind != shape.kind && shape.otherwise != nullptr && node.kind == shape.otherwise->kind ? *shape.otherwise
                                                                                                     : shape;
}

Result<> validate(const Node& node, const Shape& any, std::string_view label) {
  const auto& shape = shape_for(node, any);
  if (node.kind != shape.kind) return wrong_kind(node, shape, label);
  switch (shape.kind) {
    case Kind::kMap: return validate_map(node, shape, label);
    case Kind::kList: return validate_list(node, shape, label);
    case Kind::kNumber: return validate_number(node, shape, label);
    case Kind::kText: {
      if (shape.check == nullptr) return {};
      const auto problem = shape.check(node.scalar);
      return problem ? Result<>(fail_at(node.mark, problem->message, problem->hint)) : Result<>();
    }
    case Kind::kFlag:
    case Kind::kNull: return {};
  }
  return {};
}

}  // namespace reburst::recipe
