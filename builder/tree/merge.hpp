#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "builder/tree/beneath.hpp"
#include "builder/tree/package.hpp"
#include "core/result.hpp"

namespace reburst::tree {

// Moves unpacked packages into the root, one after the other, by dpkg's rules: shared folders stay as the first package
// made them, a link to a folder serves as that folder, a file of another package is overwritten only where Replaces
// says so, diversions and statoverrides that scripts have set are honoured, conffiles arrive as ".dpkg-new".
class Merger {
 public:
  // Both outlive the merger.
  Merger(const Beneath& root, const std::vector<Package>& packages);

  // Reads var/lib/dpkg/{diversions,statoverride} again: after every script that may have changed them.
  [[nodiscard]] Result<> read_overrides();
  [[nodiscard]] Result<> merge(std::size_t package);
  // Moves what was merged before a diversion was made: the Essential packages' files are there before their preinst
  // scripts run.
  [[nodiscard]] Result<> divert(std::size_t package);

  // Paths as dpkg lists them ("/usr/bin/x", in the package's order); what another package took over is gone from it.
  [[nodiscard]] std::vector<std::string> listed(std::size_t package) const;
  // Where the package's files really are ("usr/bin/x": links in folders followed, diversions applied).
  [[nodiscard]] const std::vector<std::string>& real_paths(std::size_t package) const { return real_[package]; }

 private:
  struct Diversion {
    std::string from, to, package;
  };
  struct Override {
    uid_t uid = 0;
    gid_t gid = 0;
    mode_t mode = 0;
    std::string path;
  };
  struct OpenFolder {
    std::string path, real;
    Fd fd;
  };
  enum class Verdict { kTake, kKeepOther };

  [[nodiscard]] std::string destination(const Package& package, const std::string& path) const;
  [[nodiscard]] Result<> merge_folder(std::size_t package, const Entry& entry);
  [[nodiscard]] Result<> merge_file(std::size_t package, const Entry& entry, int staging);
  [[nodiscard]] Result<> reach(const std::string& folder);
  [[nodiscard]] Result<Verdict> contest(std::size_t package, const std::string& real, const std::string& path);
  [[nodiscard]] Result<> apply_override(const Package& package, const Entry& entry, int folder,
                                        const std::string& name);

  const Beneath& root_;
  const std::vector<Package>& packages_;
  std::vector<Diversion> diversions_;
  std::vector<Override> overrides_;
  OpenFolder folder_;
  struct Owner {
    std::size_t package = 0;
    std::string listed;  // the path in that package's own list
  };
  std::unordered_map<std::string, Owner> owners_;  // by real path; never iterated
  std::vector<std::vector<std::string>> lost_;     // per package: listed paths that others took over
  std::vector<std::vector<std::string>> real_;
};

// The links of a merged-/usr tree (bin -> usr/bin …) that `members` need, made before they are merged.
[[nodiscard]] Result<> make_merged_usr(const Beneath& root, const std::vector<Package>& packages,
                                       const std::vector<std::size_t>& members);

}  // namespace reburst::tree
