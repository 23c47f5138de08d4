#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace reburst::authenticode {

// Where in a PE32+ program those bytes lie that its signatures do not cover (Microsoft, "Windows Authenticode Portable
// Executable Signature Format", "Calculating the PE Image Hash").
struct Layout {
  std::size_t checksum = 0;      // offset of 4 bytes
  std::size_t directory = 0;     // offset of the 8 bytes that say where the certificate table is
  std::size_t certificates = 0;  // offset of the certificate table; the program's size when it has none
};

// Demands more than the format does, so that every byte but those of Layout is covered: headers and sections follow
// each other without a gap or an overlap, and the certificate table comes last. `name` is for the error (kIntegrity).
[[nodiscard]] Result<Layout> read_layout(std::string_view program, std::string_view name);

// The PE checksum of a whole program, whatever its checksum field says.
[[nodiscard]] std::uint32_t checksum(std::string_view program, const Layout& layout);

// Little-endian numbers at an offset that is known to be inside.
[[nodiscard]] std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size);
void put_number(std::string& bytes, std::size_t at, std::uint32_t value);

}  // namespace reburst::authenticode
