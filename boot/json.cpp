#include "boot/json.hpp"

#include "boot/parse.hpp"

namespace reburst::boot {

namespace {

constexpr int kMaxDepth = 32;
constexpr std::uint64_t kMaxNumber = (std::uint64_t{1} << 53U) - 1;

// Goes through a text once. `at` is where it stands, and after a failure where it failed; `why` is then not empty.
class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  bool check() {
    if (!value(0)) return false;
    return at_ == text_.size() || refuse("nothing after the value");
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] std::string_view expected() const { return expected_; }

 private:
  bool refuse(std::string_view expected) {
    if (expected_.empty()) expected_ = expected;
    return false;
  }

  [[nodiscard]] unsigned peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : 0U; }

  bool take(char wanted) {
    if (peek() != static_cast<unsigned char>(wanted) || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  bool word(std::string_view wanted) {
    if (text_.size() - at_ < wanted.size() || slice(text_, at_, wanted.size()) != wanted) return refuse("a value");
    at_ += wanted.size();
    return true;
  }

  bool value(int depth) {
    if (depth > kMaxDepth) return refuse("at most 32 levels");
    switch (peek()) {
      case '{': return object(depth);
      case '[': return list(depth);
      case '"': return string(true);
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  bool object(int depth) {
    ++at_;
    if (take('}')) return true;
    std::string_view before;
    for (bool first = true;; first = false) {
      const std::size_t start = at_ + 1;
      if (!string(false)) return false;
      const auto key = slice(text_, start, at_ - 1 - start);
      if (!first && key <= before) {
        at_ = start;
        return refuse("each key once, sorted");
      }
      before = key;
      if (!take(':')) return refuse("\":\"");
      if (!value(depth + 1)) return false;
      if (take('}')) return true;
      if (!take(',')) return refuse("\",\" or \"}\"");
    }
  }

  bool list(int depth) {
    ++at_;
    if (take(']')) return true;
    for (;;) {
      if (!value(depth + 1)) return false;
      if (take(']')) return true;
      if (!take(',')) return refuse("\",\" or \"]\"");
    }
  }

  // Keys have no escapes: they sort as they stand.
  bool string(bool escapes) {
    if (!take('"')) return refuse("a string");
    while (peek() != '"') {
      const bool good = peek() == '\\' ? escapes && escape() : character();
      if (!good) return refuse("a string of UTF-8 without control characters");
    }
    ++at_;
    return true;
  }

  bool escape() {
    ++at_;
    return take('"') || take('\\') || take('n');
  }

  // RFC 3629, 4: the shortest form, no surrogates, nothing beyond U+10FFFF.
  bool character() {
    const unsigned first = peek();
    if (first < 0x20 || first == 0x7f) return false;
    if (first < 0x7f) {
      ++at_;
      return true;
    }
    const std::size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || text_.size() - at_ <= more) return false;
    const unsigned second = static_cast<unsigned char>(text_[at_ + 1]);
    const unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < least || second > most) return false;
    for (std::size_t i = 2; i <= more; ++i) {
      if ((static_cast<unsigned char>(text_[at_ + i]) & 0xc0U) != 0x80) return false;
    }
    at_ += more + 1;
    return true;
  }

  bool number() {
    const bool negative = take('-');
    const std::size_t start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    std::uint64_t value = 0;
    const bool good = parse_number(slice(text_, start, at_ - start), kMaxNumber, value) && !(negative && value == 0);
    if (!good) at_ = start;
    return good || refuse("a value, numbers whole and up to 9007199254740991");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view expected_;
};

// The end of the value that a checked text begins with.
std::size_t value_end(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char each = text[i];
    if (in_string) {
      if (each == '\\') ++i;
      if (each == '"') in_string = false;
      if (each != '"' || depth > 0) continue;
      return i + 1;
    }
    if (each == '"') in_string = true;
    if (each == '{' || each == '[') ++depth;
    if (each == '}' || each == ']') {
      if (depth == 0) return i;  // a number or word, the last of its list
      if (--depth == 0) return i + 1;
    }
    if (each == ',' && depth == 0) return i;
  }
  return text.size();
}

// Cuts the value off the front of `rest`, and the comma after it.
std::string_view take_value(std::string_view& rest) {
  const std::size_t end = value_end(rest);
  const auto value = slice(rest, 0, end);
  rest.remove_prefix(end < rest.size() ? end + 1 : end);
  return value;
}

std::string_view inside(std::string_view text) {
  return slice(text, 1, text.size() - 2);
}

}  // namespace

std::string_view Json::string() const {
  return is_string() ? inside(text_) : std::string_view();
}

bool Json::number(std::uint64_t& value) const {
  return parse_number(text_, kMaxNumber, value);
}

Json Json::member(std::string_view key) const {
  Members members(*this);
  while (members.next()) {
    if (members.key() == key) return members.value();
  }
  return {};
}

Members::Members(Json object) : rest_(object.is_object() ? inside(object.text()) : std::string_view()) {}

bool Members::next() {
  if (rest_.empty()) return false;
  std::size_t quote = 1;
  while (rest_[quote] != '"') ++quote;  // keys have no escapes
  key_ = slice(rest_, 1, quote - 1);
  rest_.remove_prefix(quote + 2);
  value_ = Json(take_value(rest_));
  return true;
}

Elements::Elements(Json list) : rest_(list.is_list() ? inside(list.text()) : std::string_view()) {}

bool Elements::next() {
  if (rest_.empty()) return false;
  value_ = Json(take_value(rest_));
  return true;
}

Result<Json> parse_json(std::string_view text, std::string_view name) {
  Checker checker(text);
  if (checker.check()) return Json(text);
  Failure failure;
  failure.what.add("reading ").add(name).add(" as canonical JSON");
  failure.expected.add(checker.expected());
  failure.found.add("something else at byte ").add_number(checker.at());
  return fail(failure);
}

std::string_view signed_form(Json value, std::span<char> scratch) {
  const std::string_view text = value.text();
  std::size_t size = 0;
  bool breaks = false;
  for (std::size_t i = 0; i < text.size() && size < scratch.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size();
    const bool line_break = escape && text[i + 1] == 'n';
    breaks = breaks || line_break;
    scratch[size++] = line_break ? '\n' : text[i];
    if (line_break) ++i;
    // What an escape escapes is not looked at again: "\\n" is a backslash and an n.
    if (escape && !line_break && size < scratch.size()) scratch[size++] = text[++i];
  }
  return breaks ? std::string_view(scratch.data(), size) : text;
}

}  // namespace reburst::boot
