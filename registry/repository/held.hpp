#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

// bundle.json (docs/formats/bundle.md): which channels a bundle has, and which of them a registry that was imported
// from one holds.
namespace reburst::registry {

inline constexpr std::string_view kHeldName = "bundle.json";
inline constexpr std::uint64_t kMaxHeld = 1U << 20U;

// Canonical JSON; `roles`: delegated roles, such as "web-stable".
[[nodiscard]] std::string held_text(std::vector<std::string> roles);
// kIntegrity unless it is held_text() of what it says, with at least one role.
[[nodiscard]] Result<std::vector<std::string>> parse_held(std::string_view text, const std::string& name);
// What the registry's bundle.json says; nothing where there is none: a registry that holds all that it names.
[[nodiscard]] Result<std::optional<std::vector<std::string>>> read_held(const std::filesystem::path& registry);

}  // namespace reburst::registry
