#pragma once

#include <string>
#include <vector>

#include "builder/source/open_archive.hpp"
#include "builder/source/release_file.hpp"

namespace reburst::source {

// One Packages index to bring into the cache, and the form of it that is fetched.
struct WantedIndex {
  std::size_t release = 0;
  std::string component, architecture;
  std::string path;                     // of the form that is fetched, below the suite's folder
  ReleaseEntry fetched;                 // size and digest of that form
  std::optional<ReleaseEntry> content;  // of the uncompressed file; some repositories do not list it
  std::vector<std::string> uris;        // by-hash first, where it is offered
  std::string name;                     // for messages
};

// The indexes of one repository for `architecture`, in the order of its components, binary-all last. What is configured
// but not offered goes to `notes`, as apt does; kMissing when nothing is left.
[[nodiscard]] Result<std::vector<WantedIndex>> list_indexes(const Repository& repository, const ReleaseFile& file,
                                                            std::size_t release, const std::string& architecture,
                                                            std::vector<std::string>& notes);

}  // namespace reburst::source
