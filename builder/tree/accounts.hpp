#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "builder/tree/beneath.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace reburst::tree {

// The names in a tree's own /etc/passwd and /etc/group.
class Accounts {
 public:
  // Files that are not there count as empty.
  [[nodiscard]] static Result<Accounts> read(const Beneath& root);
  // By name, or by number ("33", and "#33" as dpkg-statoverride writes it).
  [[nodiscard]] std::optional<uid_t> user(std::string_view name) const;
  [[nodiscard]] std::optional<gid_t> group(std::string_view name) const;
  // The number that add_user() would take; nothing when all are in use.
  [[nodiscard]] std::optional<std::uint32_t> free_number(bool system) const;

 private:
  std::map<std::string, std::uint32_t, std::less<>> users_, groups_;
};

// The account and its group of the same name and number, without a password: system accounts get the highest free
// number of 100–999 (as useradd --system does), others the lowest from 1000 on. The home is made unless it is
// "/nonexistent". kRecipe when the name is taken or not valid.
struct NewUser {
  bool system = false;
  std::string home, shell;  // empty: /nonexistent and nologin for a system account, else /home/NAME and bash
  Epoch epoch = 0;
};
[[nodiscard]] Result<> add_user(const Beneath& root, const std::string& name, NewUser user);

}  // namespace reburst::tree
