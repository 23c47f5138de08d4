#pragma once

#include <optional>
#include <string>

#include "signing/sign/private_key.hpp"

namespace reburst::signing {

// A "pkcs11:" URI (RFC 7512), taken apart.
struct TokenUri {
  std::string key;            // the URI with what names the token and the key alone: fit for messages
  std::string module;         // module-path, or empty
  std::optional<Secret> pin;  // pin-value, or the content of the file that pin-source names
};

// kUsage for another URI, an attribute of the query that is not known, and escapes that are broken.
[[nodiscard]] Result<TokenUri> parse_token_uri(const std::string& uri);

}  // namespace reburst::signing
