#pragma once

#include <cstdint>
#include <filesystem>

#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/chunks/chunks.hpp"

// One file that makes the chunks which a new image has and an old one has not out of the old image's bytes
// (docs/formats/chunk-delta.md): for whoever holds the old image, a fraction of those chunks. It needs no trust of its
// own, as assemble() checks what comes of it by chunk id, and fetches what does not come.
namespace reburst::chunks {

struct CutImage {
  const Index& index;
  const std::filesystem::path& image;
};

struct DeltaWritten {
  std::uint64_t bytes = 0;  // of the file
  std::uint64_t plain = 0;  // of the image, that it makes
};

// Writes `file` by temp and rename, also when the two images are equal. Same bytes whatever `jobs`.
[[nodiscard]] Result<DeltaWritten> write_delta(const CutImage& from, const CutImage& to,
                                               const std::filesystem::path& file, std::size_t jobs, Progress& progress);

}  // namespace reburst::chunks
