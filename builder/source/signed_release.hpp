#pragma once

#include <string>
#include <vector>

#include "builder/source/open_archive.hpp"
#include "builder/source/release_file.hpp"
#include "builder/source/signature.hpp"

namespace reburst::source {

// The Release file of one repository, verified and accepted, and what the person should know about it.
struct AcceptedRelease {
  ReleaseFile file;
  std::vector<std::string> notes;
};

// From the mirror, or offline from the cache; the last accepted one is remembered there (derived kind "release").
[[nodiscard]] Result<AcceptedRelease> accept_release(const Repository& repository, cache::Cache& cache,
                                                     const OpenOptions& options);

// The folder of the suite: URI/dists/SUITE.
[[nodiscard]] std::string suite_uri(const Repository& repository);

}  // namespace reburst::source
