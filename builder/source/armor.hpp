#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace reburst::source {

// The binary form of ASCII-armored OpenPGP public keys (RFC 9580, section 6): every block of `text`, one after the
// other, each CRC-24 checked where it is given. gpgv reads binary keyrings only. kSignature, naming `name`, when there
// is no valid block.
[[nodiscard]] Result<std::string> dearmor_keys(std::string_view text, std::string_view name);

[[nodiscard]] bool is_armored(std::string_view text);

}  // namespace reburst::source
