#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace reburst::source {

// Whom to believe: keyring files (binary, keybox or armored) and, of the keys in them, which.
struct Trust {
  std::vector<std::filesystem::path> keyrings;
  std::vector<std::string> fingerprints;  // empty: every key
};

// A Release file as received: clear-signed, or with its signature apart.
struct SignedFile {
  std::string content;
  std::optional<std::string> signature;
};

// The text that is signed, and nothing else, once gpgv confirmed at least one good signature by a trusted key, with a
// hash that is not broken, and no bad one. `scratch` is an empty folder for gpgv's files; `name` is quoted in errors
// (kSignature).
[[nodiscard]] Result<std::string> verify(const SignedFile& file, const Trust& trust,
                                         const std::filesystem::path& scratch, const std::string& name);

// kSignature unless `text` is one clear-signed message from its first byte to its last (RFC 9580, section 7).
[[nodiscard]] Result<> check_clear_signed(std::string_view text, const std::string& name);

// What gpgv's status lines (GnuPG's doc/DETAILS) amount to: nothing when the file may be believed.
[[nodiscard]] Result<> judge(std::string_view status, const Trust& trust, const std::string& name);

}  // namespace reburst::source
