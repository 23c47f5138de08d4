#pragma once

#include <string>
#include <vector>

#include "builder/source/open_archive.hpp"
#include "builder/source/release_file.hpp"

namespace reburst::source {

// One of the forms in which a Release file lists an index.
struct IndexForm {
  std::string name;               // for messages: the suite, and the path below its folder
  ReleaseEntry file;              // size and digest as fetched
  std::vector<std::string> uris;  // by-hash first, where it is offered
};

// One Packages index to bring into the cache.
struct WantedIndex {
  std::size_t release = 0;
  std::string component, architecture;
  std::vector<IndexForm> forms;         // at least one; the smallest first
  std::optional<ReleaseEntry> content;  // of the uncompressed file; some repositories do not list it
};

// The indexes of one repository for `architecture`, in the order of its components, binary-all last. What is configured
// but not offered goes to `notes`, as apt does; kMissing when nothing is left.
[[nodiscard]] Result<std::vector<WantedIndex>> list_indexes(const Repository& repository, const ReleaseFile& file,
                                                            std::size_t release, const std::string& architecture,
                                                            std::vector<std::string>& notes);

}  // namespace reburst::source
