#pragma once

#include "registry/chunks/chunks.hpp"
#include "registry/chunks/image_file.hpp"

namespace reburst::chunks {

// cut() of an open image.
[[nodiscard]] Result<Index> cut_image(const ImageFile& image, const Boundaries& boundaries, std::size_t jobs,
                                      Progress& progress);

}  // namespace reburst::chunks
