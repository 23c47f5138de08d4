#pragma once

#include "builder/resolve/resolution.hpp"
#include "cache/cache.hpp"
#include "core/result.hpp"

namespace reburst::resolve {

// Chooses the packages as apt would into an empty root. Indexes are read from their `.solv` in the cache, which is made
// on first use. An Error means that an index or a local package could not be read.
[[nodiscard]] Result<Outcome> resolve(const Request& request, const source::Archive& archive, cache::Cache& cache);

// The chain of reasons from the request down to `package`, outermost first ("nginx-light Depends: nginx-common (>=
// …)"). kMissing when the resolution does not hold it.
[[nodiscard]] Result<std::vector<std::string>> why(const Resolution& resolution, const std::string& package);

}  // namespace reburst::resolve
