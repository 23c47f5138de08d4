#include "builder/image/init_program.hpp"

// Set by init_program.S.
extern "C" {
extern const std::byte reburst_init_start[];  // NOLINT(readability-identifier-naming): a symbol of the assembler
extern const std::byte reburst_init_end[];    // NOLINT(readability-identifier-naming): a symbol of the assembler
}

namespace reburst::image {

std::span<const std::byte> init_program() {
  return {reburst_init_start, reburst_init_end};
}

}  // namespace reburst::image
