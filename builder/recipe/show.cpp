#include <algorithm>
#include <array>
#include <cctype>

#include "builder/recipe/format.hpp"
#include "builder/recipe/inherit.hpp"
#include "builder/recipe/read.hpp"
#include "builder/recipe/unicode.hpp"
#include "core/text.hpp"

namespace reburst::recipe {

namespace {

// Comments stand in one column; a line longer than this pushes only its own aside.
constexpr std::size_t kMaxAligned = 72;

struct Line {
  std::string text;
  const Mark* mark = nullptr;  // nullptr: a further line of a block of text
};
using Lines = std::vector<Line>;

// Text that means itself without quotes, in YAML 1.1 and 1.2 alike. Strict on purpose: quotes never hurt.
bool is_plain(std::string_view text) {
  constexpr std::array<std::string_view, 8> kWords = {"y", "n", "yes", "no", "on", "off", "true", "false"};
  constexpr std::string_view kMore = "/_.+=~-";
  std::string lower;
  for (const char c : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (text.empty() || lower == "null" || std::find(kWords.begin(), kWords.end(), lower) != kWords.end()) return false;
  if (std::isalpha(static_cast<unsigned char>(text[0])) == 0 && text[0] != '/') return false;
  return text.back() != ' ' && std::all_of(text.begin(), text.end(), [&](char c) {
           return (static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) != 0) ||
                  c == ' ' || kMore.find(c) != std::string_view::npos;
         });
}

// A literal block keeps text as it is when no line needs an escape and the first does not start with a blank.
bool is_block(std::string_view text) {
  if (text.find('\n') == std::string_view::npos || text[0] == ' ' || text[0] == '\n' || text[0] == '\t') return false;
  if (text.ends_with("\n\n") || text.find('\t') != std::string_view::npos || text.find('\r') != std::string_view::npos)
    return false;
  const auto lines = split(text, '\n');
  const bool blank_line =
      std::any_of(lines.begin(), lines.end(), [](auto line) { return !line.empty() && trim(line).empty(); });
  return !blank_line && !find_control(text);
}

std::string quoted_scalar(const Node& node) {
  switch (node.kind) {
    case Kind::kList: return "[]";
    case Kind::kMap: return "{}";
    case Kind::kText: break;
    default: return node.scalar;
  }
  return is_plain(node.scalar) ? node.scalar : double_quoted(node.scalar);
}

void show_value(Lines& lines, const std::string& lead, const Node& node, const Mark& mark, std::size_t indent,
                const Shape& shape);

void show_block(Lines& lines, const std::string& lead, const Node& node, const Mark& mark, std::size_t indent) {
  std::string_view text = node.scalar;
  const bool ends = text.ends_with('\n');
  if (ends) text.remove_suffix(1);
  lines.push_back({lead + (ends ? "|" : "|-"), &mark});
  for (const auto line : split(text, '\n')) {
    lines.push_back({line.empty() ? "" : std::string(indent, ' ') + std::string(line), nullptr});
  }
}

// `lead` is what the first line starts with ("key: " or "- "), `indent` where the lines below it start.
void show_members(Lines& lines, std::string lead, const Node& map, std::size_t indent, const Shape& shape) {
  for (const auto& field : shape.fields) {
    const auto* member = find_member(map, field.key);
    if (member == nullptr) continue;
    show_value(lines, lead + member->key + ":", member->value, member->mark, indent, *field.shape);
    lead.assign(indent, ' ');
  }
}

void show_items(Lines& lines, const Node& list, std::size_t indent, const Shape& shape) {
  const std::string lead = std::string(indent, ' ') + "- ";
  for (const auto& item : list.items) {
    if (item.kind == Kind::kMap) {
      show_members(lines, lead, item, indent + 2, *shape.item);
    } else if (item.kind == Kind::kText && is_block(item.scalar)) {
      show_block(lines, lead, item, item.mark, indent + 2);
    } else {
      lines.push_back({lead + quoted_scalar(item), &item.mark});
    }
  }
}

void show_value(Lines& lines, const std::string& lead, const Node& node, const Mark& mark, std::size_t indent,
                const Shape& any) {
  const auto& shape = shape_for(node, any);
  const bool is_empty = node.items.empty() && node.members.empty();
  if (node.kind == Kind::kText && is_block(node.scalar)) {
    show_block(lines, lead + " ", node, mark, indent + 2);
  } else if (is_empty) {
    lines.push_back({lead + " " + quoted_scalar(node), &mark});
  } else {
    lines.push_back({lead, &mark});
    if (node.kind == Kind::kMap) show_members(lines, std::string(indent + 2, ' '), node, indent + 2, shape);
    if (node.kind == Kind::kList) show_items(lines, node, indent + 2, shape);
  }
}

std::string origin(const Mark& mark) {
  return std::filesystem::path(mark.source->name).filename().string() + ":" + std::to_string(mark.line);
}

std::string with_origins(const Lines& lines) {
  std::size_t column = 0;
  for (const auto& line : lines) {
    if (line.mark != nullptr && line.text.size() <= kMaxAligned) column = std::max(column, line.text.size());
  }
  std::string out;
  for (const auto& line : lines) {
    out += line.text;
    if (line.mark != nullptr) {
      const auto pad = line.text.size() < column ? column - line.text.size() : 0;
      out += std::string(pad + 2, ' ') + "# " + origin(*line.mark);
    }
    out += '\n';
  }
  return out;
}

}  // namespace

Result<std::string> show(const std::string& role, const LoadOptions& options) {
  const auto inherited = REBURST_TRY(inherit(role, options));
  // What cannot be loaded is not shown as if it were good.
  REBURST_TRY(read_recipe(inherited));
  Lines lines;
  show_members(lines, "", inherited.root, 0, recipe_shape());
  return with_origins(lines);
}

}  // namespace reburst::recipe
