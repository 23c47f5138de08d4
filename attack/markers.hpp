#pragma once

#include <string_view>

// Words that come to a console only when an attack had an effect, and names that no release has.
namespace reburst::attack {

inline constexpr std::string_view kBySmbios = "reburst-attack-by-smbios";
inline constexpr std::string_view kByFirmwareFile = "reburst-attack-by-fw-cfg";
inline constexpr std::string_view kByEsp = "reburst-attack-by-esp";
inline constexpr std::string_view kByCommandLine = "reburst-attack-by-command-line";
inline constexpr std::string_view kAnyMarker = "reburst-attack-by";
inline constexpr std::string_view kVolume = "reburst-attack";

}  // namespace reburst::attack
