#include "builder/tree/accounts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/text.hpp"

namespace reburst::tree {
namespace {

using Ids = std::map<std::string, std::uint32_t, std::less<>>;

// passwd(5) and group(5): name, password, number …
Result<Ids> read_ids(const Beneath& root, const char* path) {
  Ids ids;
  if (!REBURST_TRY(root.examine_target(path))) return ids;
  const std::string text = REBURST_TRY(root.read(path, 16U << 20U));
  for (const std::string_view line : split(text, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 3 || fields[0].empty()) continue;
    const auto number = parse_decimal(fields[2]);
    if (number && *number <= 0xfffffffeU) ids.emplace(fields[0], static_cast<std::uint32_t>(*number));
  }
  return ids;
}

std::optional<std::uint32_t> look_up(const Ids& ids, std::string_view name) {
  if (const auto found = ids.find(name); found != ids.end()) return found->second;
  if (name.starts_with('#')) name.remove_prefix(1);
  const auto number = parse_decimal(name);
  if (number && *number <= 65535) return static_cast<std::uint32_t>(*number);
  return std::nullopt;
}

}  // namespace

Result<Accounts> Accounts::read(const Beneath& root) {
  Accounts accounts;
  accounts.users_ = REBURST_TRY(read_ids(root, "etc/passwd"));
  accounts.groups_ = REBURST_TRY(read_ids(root, "etc/group"));
  return accounts;
}

std::optional<uid_t> Accounts::user(std::string_view name) const {
  return look_up(users_, name);
}
std::optional<gid_t> Accounts::group(std::string_view name) const {
  return look_up(groups_, name);
}

std::optional<std::uint32_t> Accounts::free_number(bool system) const {
  const auto taken = [this](std::uint32_t number) {
    const auto is_number = [number](const auto& entry) { return entry.second == number; };
    return std::any_of(users_.begin(), users_.end(), is_number) ||
           std::any_of(groups_.begin(), groups_.end(), is_number);
  };
  if (system) {
    for (std::uint32_t number = 999; number >= 100; --number) {
      if (!taken(number)) return number;
    }
    return std::nullopt;
  }
  for (std::uint32_t number = 1000; number < 60000; ++number) {
    if (!taken(number)) return number;
  }
  return std::nullopt;
}

namespace {

bool valid_user_name(std::string_view name) {
  const auto first = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && name.size() <= 32 && first(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return first(c) || (c >= '0' && c <= '9') || c == '-'; });
}

// Adds a line to an account file that is there, keeping its mode and owner.
Result<> add_line(const Beneath& root, const std::string& path, const std::string& line) {
  if (!REBURST_TRY(root.examine_target(path))) return {};
  const std::string text = REBURST_TRY(root.read(path, 16U << 20U));
  return root.append(path, (text.empty() || text.ends_with('\n') ? "" : "\n") + line + "\n");
}

Result<> make_home(const Beneath& root, const std::string& home, uid_t number) {
  if (home == "/nonexistent" || home == "/" || REBURST_TRY(root.examine_target(home))) return {};
  REBURST_TRY(root.make_folders(home));
  const Beneath::Place at = REBURST_TRY(root.place(home));
  if (::fchownat(at.folder.get(), at.name.c_str(), number, number, AT_SYMLINK_NOFOLLOW) != 0 ||
      ::fchmodat(at.folder.get(), at.name.c_str(), 0750, 0) != 0) {
    return fail(system_error("cannot set the owner of \"" + home + "\" in the tree", errno));
  }
  return {};
}

}  // namespace

Result<> add_user(const Beneath& root, const std::string& name, NewUser user) {
  const Accounts accounts = REBURST_TRY(Accounts::read(root));
  if (!valid_user_name(name))
    return fail(ErrorCode::kRecipe, "cannot add the user \"" + name + "\": the name is not valid",
                "use lower-case letters, digits, \"-\" and \"_\"");
  if (accounts.user(name) || accounts.group(name)) {
    return fail(ErrorCode::kRecipe, "cannot add the user \"" + name + "\": the image has a user or group of that name",
                "a package makes it already; remove it from \"users:\"");
  }
  if (user.home.empty()) user.home = user.system ? "/nonexistent" : "/home/" + name;
  if (user.shell.empty()) user.shell = user.system ? "/usr/sbin/nologin" : "/bin/bash";
  if ((user.home + user.shell).find_first_of(":\n") != std::string::npos) {
    return fail(ErrorCode::kRecipe, "cannot add the user \"" + name + "\": its home and shell must not hold a colon");
  }
  const auto number = accounts.free_number(user.system);
  if (!number) return fail(ErrorCode::kRecipe, "cannot add the user \"" + name + "\": no number is free");
  const std::string id = std::to_string(*number);
  REBURST_TRY(add_line(root, "etc/passwd", name + ":x:" + id + ":" + id + "::" + user.home + ":" + user.shell));
  REBURST_TRY(add_line(root, "etc/group", name + ":x:" + id + ":"));
  REBURST_TRY(add_line(root, "etc/shadow",
                       name + ":!:" + std::to_string(user.epoch / 86400) + (user.system ? "::::::" : ":0:99999:7:::")));
  REBURST_TRY(add_line(root, "etc/gshadow", name + ":!::"));
  return make_home(root, user.home, *number);
}

}  // namespace reburst::tree
