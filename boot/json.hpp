#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "boot/result.hpp"

// Signed JSON, read where it lies. Only canonical texts are taken (docs/formats/canonical-json.md): keys sorted, so
// that none stands twice; no blanks; integers up to 2^53 - 1; UTF-8. Of control characters there is the line break
// alone, written "\n".
namespace reburst::boot {

// A value in a text that parse_json() accepted, or nothing: what is asked of a value of another kind is nothing, too.
class Json {
 public:
  Json() = default;

  [[nodiscard]] bool there() const { return !text_.empty(); }
  [[nodiscard]] bool is_object() const { return text_.starts_with('{'); }
  [[nodiscard]] bool is_list() const { return text_.starts_with('['); }
  [[nodiscard]] bool is_string() const { return text_.starts_with('"'); }
  [[nodiscard]] bool is_true() const { return text_ == "true"; }

  // As it stands in the file; of a string, what stands between its quotes, its escapes as they are.
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::string_view string() const;
  [[nodiscard]] bool number(std::uint64_t& value) const;  // not below zero
  [[nodiscard]] Json member(std::string_view key) const;

 private:
  friend class Members;
  friend class Elements;
  friend Result<Json> parse_json(std::string_view, std::string_view);
  explicit Json(std::string_view text) : text_(text) {}
  std::string_view text_;
};

// The members of an object, in order.
class Members {
 public:
  explicit Members(Json object);
  bool next();  // false at the end
  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] Json value() const { return value_; }

 private:
  std::string_view rest_;
  std::string_view key_;
  Json value_;
};

// The elements of a list, in order.
class Elements {
 public:
  explicit Elements(Json list);
  bool next();
  [[nodiscard]] Json value() const { return value_; }

 private:
  std::string_view rest_;
  Json value_;
};

// The whole text is one value, nested at most 32 deep; the failure says at which byte of `name` it is not.
[[nodiscard]] Result<Json> parse_json(std::string_view text, std::string_view name);

// What was signed of a value (OLPC canonical JSON, TUF 1.0.30, 4.1): its text, with line breaks as they are. Uses
// `scratch`, which must hold the text, when there are any.
[[nodiscard]] std::string_view signed_form(Json value, std::span<char> scratch);

}  // namespace reburst::boot
