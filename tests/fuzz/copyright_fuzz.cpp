// links: reburst_attest
// Any bytes: whatever a copyright file says, the expression made of it is one, and refers to nothing that is not there.
#include "builder/attest/licence.hpp"

namespace {

void check_balance(std::string_view expression) {
  int depth = 0;
  for (const char c : expression) {
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) __builtin_trap();
    if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) > '~') __builtin_trap();
  }
  if (depth != 0) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::attest;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& name : common_licences(text)) {
    if (name.empty()) __builtin_trap();
  }
  const auto copyright = parse_copyright(text);
  if (!copyright) return 0;
  ExtractedLicences extracted;
  const std::string expression = spdx_expression(*copyright, extracted);
  if (expression.empty() != copyright->licences.empty()) __builtin_trap();
  check_balance(expression);
  for (const auto& [identifier, licence] : extracted) {
    if (licence.text.empty() || expression.find(identifier) == std::string::npos) __builtin_trap();
  }
  return 0;
}
