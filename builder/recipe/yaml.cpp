#include "builder/recipe/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "builder/recipe/brackets.hpp"
#include "builder/recipe/plain.hpp"
#include "builder/recipe/unicode.hpp"

namespace reburst::recipe {

namespace {

// Leaves the YAML library from inside an event; caught in parse_yaml().
struct Refused {
  Error error;
};

// Builds nodes from the library's events, within the limits.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(std::shared_ptr<const SourceText> source) : source_(std::move(source)) {
    for (auto at = source_->text.find('\n'); at != std::string::npos; at = source_->text.find('\n', at + 1))
      lines_.push_back(at + 1);
  }

  void OnDocumentStart(const YAML::Mark& mark) override { document_ = at(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_extras(mark, "", anchor);
    add({.kind = Kind::kNull, .scalar = {}, .mark = at(mark), .items = {}, .members = {}});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { refuse_anchor(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_extras(mark, tag, anchor);
    const bool is_plain = tag == "?";
    if (!is_plain) refuse_open_quote(at(mark));
    add({.kind = is_plain ? plain_kind(value) : Kind::kText,
         .scalar = value,
         .mark = at(mark),
         .items = {},
         .members = {}});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    refuse_extras(mark, tag, anchor);
    open(Kind::kList, mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    refuse_extras(mark, tag, anchor);
    open(Kind::kMap, mark);
  }
  void OnMapEnd() override { close(); }
  void OnAnchor(const YAML::Mark& mark, const std::string& /*name*/) override { refuse_anchor(mark); }

  [[nodiscard]] std::optional<Node>& root() { return root_; }
  [[nodiscard]] const Mark& document() const { return document_; }

  [[nodiscard]] Mark at(const YAML::Mark& mark) const {
    if (mark.is_null()) return {.source = source_, .line = 1, .column = 1};
    return {.source = source_,
            .line = static_cast<std::size_t>(mark.line) + 1,
            .column = static_cast<std::size_t>(mark.column) + 1};
  }

  // The library sees that a list is never closed only where it can no longer go on, which may be lines below.
  [[nodiscard]] std::optional<Error> never_closed() const {
    for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
      if (is_bracket(letter_at(open->node.mark))) return never_closed(open->node.mark);
    }
    return std::nullopt;
  }

 private:
  struct Open {
    Node node;
    std::optional<std::pair<std::string, Mark>> key;  // a map's key that waits for its value
    std::set<std::string> keys;
  };

  [[nodiscard]] std::size_t offset_of(const Mark& mark) const { return lines_.at(mark.line - 1) + mark.column - 1; }

  [[nodiscard]] char letter_at(const Mark& mark) const {
    const std::size_t offset = offset_of(mark);
    return offset < source_->text.size() ? source_->text[offset] : '\0';
  }

  static bool is_bracket(char letter) { return letter == '[' || letter == '{'; }

  [[nodiscard]] std::optional<Error> never_closed(const Mark& mark) const {
    const char bracket = letter_at(mark);
    if (!is_bracket(bracket) || is_closed(source_->text, offset_of(mark))) return std::nullopt;
    return fail_at(mark, "this \"" + std::string(1, bracket) + "\" is never closed",
                   bracket == '[' ? "write \"]\" where the list ends" : "write \"}\" where the map ends")
        .value();
  }

  [[noreturn]] static void refuse(const Mark& mark, std::string_view message, std::string hint) {
    throw Refused{fail_at(mark, message, std::move(hint)).value()};
  }
  [[noreturn]] void refuse_anchor(const YAML::Mark& mark) const {
    refuse(at(mark), "anchors and aliases are not allowed in a recipe",
           "write the value out, or inherit it with from:");
  }
  [[noreturn]] static void refuse_tag(const Mark& mark) {
    refuse(mark, "tags are not allowed in a recipe", "leave the tag out; quote a value that is to be text");
  }
  void refuse_extras(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor != 0) refuse_anchor(mark);
    if (!tag.empty() && tag != "?" && tag != "!") refuse_tag(at(mark));
  }

  // The library takes the end of the file for the end of a quoted text: a recipe that was cut short would be read as
  // whole.
  void refuse_open_quote(const Mark& mark) const {
    const std::string_view text = std::string_view(source_->text).substr(offset_of(mark));
    const char quote = text.empty() ? '\0' : text[0];
    if (quote == '!') refuse_tag(mark);
    if (quote != '\'' && quote != '"') return;  // a block, which ends with its indentation
    for (std::size_t i = 1; i < text.size(); ++i) {
      const bool escaped = text[i] == '\\' && quote == '"';
      const bool doubled = quote == '\'' && text.substr(i).starts_with("''");
      if (escaped || doubled) {
        ++i;
      } else if (text[i] == quote) {
        return;
      }
    }
    refuse(mark, "this quote is never closed", "close it where the text ends");
  }

  void count(const Mark& mark) {
    if (++nodes_ > kMaxRecipeNodes) {
      refuse(mark, "a recipe holds at most " + std::to_string(kMaxRecipeNodes) + " values", "split it with from:");
    }
  }

  void open(Kind kind, const YAML::Mark& mark) {
    if (open_.size() >= kMaxRecipeDepth)
      refuse(at(mark), "this is nested too deeply", "no field of a recipe needs this depth");
    refuse_structured_key(at(mark));
    count(at(mark));
    open_.push_back(
        {.node = {.kind = kind, .scalar = {}, .mark = at(mark), .items = {}, .members = {}}, .key = {}, .keys = {}});
  }

  void refuse_structured_key(const Mark& mark) const {
    if (!open_.empty() && open_.back().node.kind == Kind::kMap && !open_.back().key) {
      if (auto unclosed = never_closed(mark)) throw Refused{*std::move(unclosed)};
      refuse(mark, "a key must be text", "write key: value");
    }
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    attach(std::move(node));
  }

  void add(Node node) {
    count(node.mark);
    attach(std::move(node));
  }

  void attach(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& parent = open_.back();
    if (parent.node.kind == Kind::kList) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      take_key(parent, node);
    } else {
      if (node.kind == Kind::kNull) node.mark = parent.key->second;  // there may be nothing to point at
      parent.node.members.push_back(
          {.key = std::move(parent.key->first), .mark = parent.key->second, .value = std::move(node)});
      parent.key.reset();
    }
  }

  static void take_key(Open& parent, Node& node) {
    if (node.kind == Kind::kNull) refuse(node.mark, "a key must be text", "write key: value");
    if (!parent.keys.insert(node.scalar).second) {
      const auto* first = find_member(parent.node, node.scalar);
      refuse(node.mark, "the key " + in_quotes(node.scalar) + " stands twice",
             "it stands first at " + place(first->mark));
    }
    parent.key = {std::move(node.scalar), node.mark};
  }

  std::shared_ptr<const SourceText> source_;
  std::vector<std::size_t> lines_ = {0};  // where each line starts
  std::vector<Open> open_;
  std::optional<Node> root_;
  Mark document_;
  std::size_t nodes_ = 0;
};

Mark mark_at_offset(const std::shared_ptr<const SourceText>& source, std::size_t offset) {
  const std::string_view before = std::string_view(source->text).substr(0, offset);
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const auto last = before.rfind('\n');
  return {.source = source, .line = line, .column = last == std::string_view::npos ? offset + 1 : offset - last};
}

Result<> check_text(const std::shared_ptr<const SourceText>& source) {
  if (source->text.size() > kMaxRecipeBytes) {
    return fail(ErrorCode::kRecipe, in_quotes(source->name) + " is larger than 1 MiB",
                "a recipe is a page of text: is this the right file?");
  }
  if (const auto bad = find_invalid_utf8(source->text)) {
    return fail_at(mark_at_offset(source, *bad), "this is not UTF-8", "save the recipe as UTF-8");
  }
  if (const auto bad = find_control(source->text)) {
    return fail_at(mark_at_offset(source, *bad), "control characters are not allowed in a recipe",
                   "write it as an escape, such as \"\\x1b\" in double quotes");
  }
  return {};
}

Result<Node> read_document(const std::shared_ptr<const SourceText>& source, Builder& builder) {
  std::istringstream stream(source->text);
  YAML::Parser parser(stream);
  const Mark start{.source = source, .line = 1, .column = 1};
  if (!parser.HandleNextDocument(builder) || !builder.root()) {
    return fail_at(start, "the recipe is empty", "start with \"recipe: 1\" and \"role: NAME\"");
  }
  Node root = *std::move(builder.root());
  Builder second(source);
  if (parser.HandleNextDocument(second)) {
    return fail_at(second.document(), "a recipe is one document, and here a second one starts",
                   "put it into a file of its own");
  }
  return root;
}

}  // namespace

Result<Node> parse_yaml(std::shared_ptr<const SourceText> source) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (source->text.starts_with(kByteOrderMark)) {
    source = std::make_shared<const SourceText>(
        SourceText{source->name, source->folder, source->text.substr(kByteOrderMark.size())});
  }
  REBURST_TRY(check_text(source));
  Builder builder(source);
  try {
    return read_document(source, builder);
  } catch (Refused& refused) {
    return fail(std::move(refused.error));
  } catch (const YAML::Exception& error) {
    if (auto unclosed = builder.never_closed()) return fail(*std::move(unclosed));
    return fail_at(builder.at(error.mark), "this is not YAML: " + error.msg,
                   "check the indentation and the quotes here");
  }
}

Result<Node> parse_yaml(std::string_view text, std::string_view name) {
  return parse_yaml(std::make_shared<const SourceText>(SourceText{std::string(name), {}, std::string(text)}));
}

}  // namespace reburst::recipe
