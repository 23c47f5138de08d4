#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reburst::attest {

// What a machine-readable debian/copyright (copyright-format 1.0) says of licences.
struct Copyright {
  std::vector<std::string> licences;         // as written: short names, or several with "and" and "or"; each once
  std::map<std::string, std::string> texts;  // by what stands in `licences` or is named there
};

// Nothing when the text does not call itself of that format or does not hold to its syntax.
[[nodiscard]] std::optional<Copyright> parse_copyright(std::string_view text);

// What a text that is free in form refers to of /usr/share/common-licenses: sorted names.
[[nodiscard]] std::vector<std::string> common_licences(std::string_view text);

}  // namespace reburst::attest
