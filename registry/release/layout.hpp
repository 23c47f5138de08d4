#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.hpp"

// Where things stand in a registry (docs/formats/registry.md).
namespace reburst::registry {

namespace fs = std::filesystem;

inline constexpr std::string_view kHistoryName = "history.jsonl";

// The delegated role of a channel: "web-stable".
[[nodiscard]] std::string channel_role(std::string_view role, std::string_view channel);

// "web/stable/20261121T161027Z/manifest.json"
[[nodiscard]] std::string target_path(std::string_view role, std::string_view channel, std::string_view version,
                                      std::string_view file);
[[nodiscard]] std::string history_path(std::string_view role, std::string_view channel);

// "web_20261121T161027Z.raw": a file of a release, by what its name ends with.
[[nodiscard]] std::string file_name(std::string_view role, std::string_view version, std::string_view suffix);

// "web_20261121T161027Z.from-20261101T101112Z.delta": makes the disk of `version` out of that of `from`.
[[nodiscard]] std::string delta_name(std::string_view role, std::string_view version, std::string_view from);
// The version that a delta of this release starts from; nothing when `file` is no delta's name.
[[nodiscard]] std::optional<std::string> delta_from(std::string_view file, std::string_view role,
                                                    std::string_view version);

// Relative to the registry: "targets/web/stable/V/<sha256>.manifest.json" (TUF 1.0.30, 6.2: consistent snapshots).
[[nodiscard]] std::string stored_path(std::string_view target, const Digest& digest);

// "metadata/3.web-stable.json"
[[nodiscard]] std::string metadata_path(std::string_view role, std::uint64_t version);

}  // namespace reburst::registry
