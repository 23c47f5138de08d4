#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace reburst::recipe {

// The text of one recipe file, kept so that an error can show the line it is about.
struct SourceText {
  std::string name;              // as shown to the user
  std::filesystem::path folder;  // what relative paths in this text start from
  std::string text;
};

// A place in a recipe; lines and columns count from 1, columns in bytes.
struct Mark {
  std::shared_ptr<const SourceText> source;
  std::size_t line = 1;
  std::size_t column = 1;
};

enum class Kind { kNull, kText, kNumber, kFlag, kList, kMap };

// "a list", "text" …: the kind in an error's words.
[[nodiscard]] std::string_view kind_words(Kind kind);

struct Member;

// One node of a recipe, free of the YAML library. Numbers and flags keep their spelling in `scalar`.
struct Node {
  Kind kind = Kind::kNull;
  std::string scalar;
  Mark mark;
  std::vector<Node> items;      // kList
  std::vector<Member> members;  // kMap, keys are unique
};

struct Member {
  std::string key;
  Mark mark;
  Node value;
};

// The value under `key` of a map; nullptr when there is none or `map` is no map.
[[nodiscard]] const Node* find(const Node& map, std::string_view key);
[[nodiscard]] const Member* find_member(const Node& map, std::string_view key);

// In double quotes, control characters escaped, cut at 80 bytes.
[[nodiscard]] std::string in_quotes(std::string_view text);

// kRecipe: "file:line:column: error: message", the line, a caret.
[[nodiscard]] tl::unexpected<Error> fail_at(const Mark& mark, std::string_view message, std::string hint = {});

// "web.yaml:5", for pointing at a second place.
[[nodiscard]] std::string place(const Mark& mark);

}  // namespace reburst::recipe
