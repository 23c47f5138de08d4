#include "signing/verify/canonical.hpp"

#include <span>
#include <stdexcept>

#include "core/text.hpp"

namespace reburst::signing {

namespace {

void append_string(std::string& out, const std::string& text) {
  out += '"';
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  out += '"';
}

void append(std::string& out, const Json& value);

void append_object(std::string& out, const Json& object) {
  out += '{';
  for (bool first = true; const auto& [key, member] : object.items()) {
    if (!first) out += ',';
    first = false;
    append_string(out, key);
    out += ':';
    append(out, member);
  }
  out += '}';
}

void append_array(std::string& out, const Json& array) {
  out += '[';
  for (bool first = true; const auto& element : array) {
    if (!first) out += ',';
    first = false;
    append(out, element);
  }
  out += ']';
}

void append(std::string& out, const Json& value) {
  if (value.is_number_float()) throw std::invalid_argument("canonical JSON holds no floating point numbers");
  if (value.is_object()) return append_object(out, value);
  if (value.is_array()) return append_array(out, value);
  if (value.is_string()) return append_string(out, value.get_ref<const std::string&>());
  out += value.dump();
}

}  // namespace

std::string canonical_metadata(const Json& value) {
  std::string out;
  append(out, value);
  return out;
}

std::string hex(std::string_view bytes) {
  return to_hex(std::as_bytes(std::span(bytes.data(), bytes.size())));
}

std::optional<std::string> parse_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = hex_value(digits[i]);
    const int low = hex_value(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  if (hex(out) != digits) return std::nullopt;
  return out;
}

}  // namespace reburst::signing
