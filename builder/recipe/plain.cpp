#include "builder/recipe/plain.hpp"

namespace reburst::recipe {

namespace {

constexpr std::string_view kDigits = "0123456789";

bool is_flag(std::string_view text) {
  return text == "true" || text == "false" || text == "True" || text == "False" || text == "TRUE" || text == "FALSE";
}

bool all_of(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

// Integers and floats of the YAML 1.2 core schema.
bool is_number(std::string_view text) {
  if (text.starts_with("0x")) return all_of(text.substr(2), "0123456789abcdefABCDEF");
  if (text.starts_with("0o")) return all_of(text.substr(2), "01234567");
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (text == ".inf" || text == ".Inf" || text == ".INF" || text == ".nan" || text == ".NaN" || text == ".NAN")
    return true;
  const auto exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    auto power = text.substr(exponent + 1);
    if (!power.empty() && (power[0] == '-' || power[0] == '+')) power.remove_prefix(1);
    if (!all_of(power, kDigits)) return false;
    text = text.substr(0, exponent);
  }
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return all_of(text, kDigits);
  const auto whole = text.substr(0, dot);
  const auto part = text.substr(dot + 1);
  return (whole.empty() || all_of(whole, kDigits)) && (part.empty() || all_of(part, kDigits)) &&
         !(whole.empty() && part.empty());
}

}  // namespace

Kind plain_kind(std::string_view text) {
  if (is_flag(text)) return Kind::kFlag;
  return is_number(text) ? Kind::kNumber : Kind::kText;
}

}  // namespace reburst::recipe
