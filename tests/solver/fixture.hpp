#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "builder/resolve/resolve.hpp"
#include "builder/source/archive.hpp"
#include "cache/cache.hpp"
#include "core/file.hpp"

namespace reburst::test {

// A small archive on disk, with a cache of its own; both go with it.
class SolverFixture {
 public:
  SolverFixture();

  // A Packages file. Filename, Size and SHA256 are added to stanzas that have none.
  void add_index(const std::string& packages, int priority = 500);
  // A .deb with this control file; its path.
  [[nodiscard]] fs::path add_deb(const std::string& file_name, const std::string& control) const;

  [[nodiscard]] Result<resolve::Outcome> resolve(const resolve::Request& request);

  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }
  [[nodiscard]] cache::Cache& cache() { return cache_; }
  [[nodiscard]] const source::Archive& archive() const { return archive_; }

 private:
  TempDirectory folder_;
  cache::Cache cache_;
  source::Archive archive_;
};

// One ar member or tar file, by hand: tests also need broken ones.
[[nodiscard]] std::string ar_member(const std::string& name, const std::string& content);
[[nodiscard]] std::string tar_file(const std::string& name, const std::string& content);

}  // namespace reburst::test
