#pragma once

#include <string>

#include "fetch/fetch.hpp"
#include "registry/chunks/chunks.hpp"

namespace reburst::client {

// Chunks of a store behind http(s): several connections side by side, retries with a pause, each answer capped, all of
// them within fetch::Deadline; what came is handed over on `jobs` threads while more comes in.
[[nodiscard]] chunks::Fetch fetch_chunks(std::string store, fetch::Options options, std::size_t jobs);

}  // namespace reburst::client
