#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "builder/tree/beneath.hpp"
#include "builder/tree/package.hpp"
#include "core/result.hpp"

namespace reburst::tree {

// dpkg's own state in a tree (var/lib/dpkg), written as dpkg would have written it at unpack.
class Database {
 public:
  explicit Database(const Beneath& root) : root_(root) {}

  // The empty database of a new system.
  [[nodiscard]] Result<> create(const std::string& architecture) const;

  // Info files, triggers and an "install ok unpacked" stanza for each package. `listed[i]` is what packages[i] owns.
  struct Unpacked {
    const Package* package = nullptr;
    std::vector<std::string> listed;
  };
  [[nodiscard]] Result<> add(const std::vector<Unpacked>& packages) const;

  // The file triggers of installed packages that these paths hit are noted for dpkg's next run.
  [[nodiscard]] Result<> activate_file_triggers(const std::vector<Unpacked>& packages) const;

  // A stanza for a package that stands in for what the builder itself offers, and its removal without trace.
  [[nodiscard]] Result<> add_provided(const std::vector<std::string>& provided, const std::string& architecture) const;
  [[nodiscard]] Result<> remove_provided() const;

  // "name: status" for each package that is not "install ok installed".
  [[nodiscard]] Result<std::vector<std::string>> unfinished() const;

 private:
  [[nodiscard]] Result<> add_info(const Unpacked& unpacked) const;
  [[nodiscard]] Result<> add_triggers(const Package& package) const;
  [[nodiscard]] Result<std::string> status() const;

  const Beneath& root_;
};

}  // namespace reburst::tree
