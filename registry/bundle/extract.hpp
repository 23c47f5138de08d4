#pragma once

#include <filesystem>
#include <functional>

#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/bundle/contents.hpp"
#include "registry/bundle/tar.hpp"

namespace reburst::bundle {

// What may follow in the bundle, asked for when its bundle.json and metadata/ are there and before anything else is
// written.
using Judge = std::function<Result<Wanted>()>;

// Brings a bundle's files into the folder `into`: only what its metadata names, each once, in order, not longer than it
// may be, and targets and blobs only with their digests. kIntegrity names the file and the rule; also when something is
// not in the bundle that should be.
[[nodiscard]] Result<Wanted> extract(TarReader& bundle, const std::filesystem::path& into, const Judge& judge,
                                     Progress& progress);

// "images/ROLE/CHANNEL" of a bundle lies in a folder of its own, which a link names: readers change over at once.
[[nodiscard]] std::string images_folder(const client::ChannelName& name);

}  // namespace reburst::bundle
