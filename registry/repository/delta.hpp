#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/repository/channel.hpp"

namespace reburst::registry {

// Adds to `channel`, whose targets name both releases, what makes the disk of `version` out of the one that the channel
// points to still: most clones have that one. Nothing when the channel points to nothing else, when the delta is there
// already, or when it would save nothing against fetching chunks. Returns the bytes that were written.
[[nodiscard]] Result<std::uint64_t> add_delta(Metadata& metadata, Channel& channel, const std::string& version,
                                              std::size_t jobs, Progress& progress);

}  // namespace reburst::registry
