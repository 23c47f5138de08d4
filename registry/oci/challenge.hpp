#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace reburst::oci {

// One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1); names in lower case.
struct Challenge {
  std::string scheme;  // "basic", "bearer"
  std::map<std::string, std::string> parameters;
};

// Every challenge of the header's value; what is malformed ends the list. A parameter that stands twice keeps the
// first value.
[[nodiscard]] std::vector<Challenge> parse_challenges(std::string_view header);

// The token of a token server's answer ("token" or "access_token"); kNetwork when it has none that can stand in a
// header.
[[nodiscard]] Result<std::string> parse_token(std::string_view answer, std::string_view server);

}  // namespace reburst::oci
