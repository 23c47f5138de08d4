#include "builder/harden/controls.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "builder/tree/host_keys.hpp"
#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst::harden {
namespace {

using tree::Beneath;

constexpr std::uint64_t kMaxAccounts = 16U << 20U;

// Package managers and what only they use. Kept: dpkg's start-stop-daemon (services use it), update-alternatives' links
// (data), dpkg's status (scanners of an image read it).
constexpr std::array<std::string_view, 51> kPackageManager = {
    "etc/apt",
    "etc/cron.daily/apt-compat",
    "etc/cron.daily/dpkg",
    "etc/debconf.conf",
    "etc/dpkg",
    "etc/logrotate.d/alternatives",
    "etc/logrotate.d/apt",
    "etc/logrotate.d/dpkg",
    "usr/bin/apt",
    "usr/bin/apt-cache",
    "usr/bin/apt-cdrom",
    "usr/bin/apt-config",
    "usr/bin/apt-extracttemplates",
    "usr/bin/apt-ftparchive",
    "usr/bin/apt-get",
    "usr/bin/apt-key",
    "usr/bin/apt-mark",
    "usr/bin/apt-sortpkgs",
    "usr/bin/aptitude",
    "usr/bin/debconf",
    "usr/bin/debconf-apt-progress",
    "usr/bin/debconf-communicate",
    "usr/bin/debconf-copydb",
    "usr/bin/debconf-escape",
    "usr/bin/debconf-set-selections",
    "usr/bin/debconf-show",
    "usr/bin/dpkg",
    "usr/bin/dpkg-deb",
    "usr/bin/dpkg-divert",
    "usr/bin/dpkg-maintscript-helper",
    "usr/bin/dpkg-query",
    "usr/bin/dpkg-realpath",
    "usr/bin/dpkg-split",
    "usr/bin/dpkg-statoverride",
    "usr/bin/dpkg-trigger",
    "usr/bin/update-alternatives",
    "usr/lib/apt",
    "usr/lib/dpkg",
    "usr/lib/systemd/system/apt-daily-upgrade.service",
    "usr/lib/systemd/system/apt-daily-upgrade.timer",
    "usr/lib/systemd/system/apt-daily.service",
    "usr/lib/systemd/system/apt-daily.timer",
    "usr/lib/systemd/system/dpkg-db-backup.service",
    "usr/lib/systemd/system/dpkg-db-backup.timer",
    "usr/libexec/dpkg",
    "usr/sbin/dpkg-fsys-usrunmess",
    "usr/sbin/dpkg-preconfigure",
    "usr/sbin/dpkg-reconfigure",
    "usr/share/debconf",
    "var/cache/apt",
    "var/cache/debconf",
};

// The state that is left behind once nothing can read it: all of var/lib/dpkg but `status`.
constexpr std::array<std::string_view, 4> kDeadLinks = {
    "etc/systemd/system/timers.target.wants/apt-daily-upgrade.timer",
    "etc/systemd/system/timers.target.wants/apt-daily.timer",
    "etc/systemd/system/timers.target.wants/dpkg-db-backup.timer",
    "var/lib/apt",
};

// Programs that a role asks for and that do nothing without their bit. Not su, mount, passwd and their like: root is
// locked and nobody logs in to change things.
constexpr std::array<std::string_view, 4> kMayBeSetId = {"/usr/bin/sudo", "/usr/lib/dbus-1.0/dbus-daemon-launch-helper",
                                                         "/usr/sbin/postdrop", "/usr/sbin/postqueue"};

Result<std::vector<std::string>> list_folder(const Beneath& root, const std::string& path) {
  std::vector<std::string> names;
  const auto info = REBURST_TRY(root.examine(path));
  if (!info || !S_ISDIR(info->st_mode)) return names;
  Fd fd = REBURST_TRY(root.open_at(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const Handle<DIR, &closedir> stream(::fdopendir(fd.get()));
  if (!stream) return fail(system_error("cannot list \"/" + path + "\" in the tree", errno));
  (void)fd.release();
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Removes and counts what was there.
Result<std::size_t> remove_all(const Beneath& root, std::span<const std::string_view> paths) {
  std::size_t removed = 0;
  for (const std::string_view path : paths) {
    if (!REBURST_TRY(root.examine(path))) continue;
    REBURST_TRY(root.remove(path));
    ++removed;
  }
  return removed;
}

// A link in the place of one of these leads to what the clone finds there, which no control has looked at: /tmp and
// /run begin empty at every boot.
Result<Outcome> real_folders(const Beneath& root) {
  std::vector<std::string> wrong;
  for (const char* folder : {"etc", "usr", "var"}) {
    const auto info = REBURST_TRY(root.examine(folder));
    if (!info || !S_ISDIR(info->st_mode)) wrong.push_back("/" + std::string(folder));
  }
  if (wrong.empty()) return Outcome{true, "/etc, /usr and /var are folders of the image"};
  return Outcome{false, "not a folder of the image: " + join(wrong, ", ")};
}

Result<Outcome> no_package_manager(const Beneath& root) {
  std::size_t removed = REBURST_TRY(remove_all(root, kPackageManager));
  removed += REBURST_TRY(remove_all(root, kDeadLinks));
  for (const std::string& name : REBURST_TRY(list_folder(root, "var/lib/dpkg"))) {
    if (name == "status") continue;
    REBURST_TRY(root.remove("var/lib/dpkg/" + name));
    ++removed;
  }
  return Outcome{
      true, std::to_string(removed) + " programs, folders and state files removed; dpkg's status is kept for scanners"};
}

Result<> for_each_file(
    int folder, const std::string& path,
    const std::function<Result<>(int, const std::string&, const std::string&, const struct stat&)>& visit) {
  const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const Handle<DIR, &closedir> stream(copy < 0 ? nullptr : ::fdopendir(copy));
  if (!stream) return fail(system_error("cannot list \"" + path + "\" in the tree", errno));
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::string child = path + "/" + name;
    struct stat info {};
    if (::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
      return fail(system_error("cannot examine \"" + child + "\" in the tree", errno));
    if (S_ISREG(info.st_mode)) REBURST_TRY(visit(folder, name, child, info));
    if (!S_ISDIR(info.st_mode)) continue;
    const Fd fd(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.valid()) return fail(system_error("cannot open \"" + child + "\" in the tree", errno));
    REBURST_TRY(for_each_file(fd.get(), child, visit));
  }
  return {};
}

Result<Outcome> no_setuid_files(const Beneath& root) {
  // All are found before one is changed: a file has as many names as it has hard links, and each is told.
  std::map<std::string, mode_t> found;
  const Fd top = REBURST_TRY(root.open_at("/", O_RDONLY | O_DIRECTORY));
  REBURST_TRY(for_each_file(top.get(), "",
                            [&](int, const std::string&, const std::string& path, const struct stat& info) -> Result<> {
                              if ((info.st_mode & (S_ISUID | S_ISGID)) != 0) found.emplace(path, info.st_mode);
                              return {};
                            }));
  std::vector<std::string> changed;
  for (const auto& [path, mode] : found) {
    if (std::find(kMayBeSetId.begin(), kMayBeSetId.end(), path) != kMayBeSetId.end()) continue;
    const auto at = REBURST_TRY(root.place(path));
    if (::fchmodat(at.folder.get(), at.name.c_str(), mode & 01777U, 0) != 0)
      return fail(system_error("cannot change the mode of \"" + path + "\" in the tree", errno));
    changed.push_back(path);
  }
  return Outcome{true, changed.empty() ? "none found" : "bit removed from " + join(changed, ", ")};
}

// Rewrites a file of accounts in place, so that its mode, owner and links stay.
Result<> rewrite(const Beneath& root, const std::string& path, const std::string& text) {
  Fd fd = REBURST_TRY(root.open_at(path, O_WRONLY | O_TRUNC | O_NOFOLLOW));
  if (::ftruncate(fd.get(), 0) != 0 ||
      ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return fail(system_error("cannot write \"/" + path + "\" in the tree", errno));
  }
  return {};
}

Result<bool> is_file(const Beneath& root, const std::string& path) {
  const auto info = REBURST_TRY(root.examine(path));
  return info && S_ISREG(info->st_mode);
}

// root's second field in passwd(5) or shadow(5) form; nothing when it has no line there.
Result<std::optional<std::string>> password_of_root(const Beneath& root, const std::string& path) {
  const std::string text = REBURST_TRY(root.read(path, kMaxAccounts));
  for (const std::string_view line : split(text, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() > 1 && fields[0] == "root") return std::string(fields[1]);
  }
  return std::nullopt;
}

// Why it cannot be said that root is locked; empty when it can. Images without the package passwd keep root's password
// in /etc/passwd, and need no line of it in /etc/shadow.
Result<std::string> unknown_root(const Beneath& root) {
  if (!REBURST_TRY(is_file(root, "etc/passwd"))) return "the image has no file /etc/passwd";
  const auto password = REBURST_TRY(password_of_root(root, "etc/passwd"));
  if (!password) return "/etc/passwd has no account \"root\"";
  if (*password != "x") return "";
  if (!REBURST_TRY(is_file(root, "etc/shadow"))) return "the image has no file /etc/shadow";
  if (!REBURST_TRY(password_of_root(root, "etc/shadow"))) return "/etc/shadow has no account \"root\"";
  return "";
}

// Locks root and gives every account without a password a locked one, in passwd(5) or shadow(5) form.
Result<std::vector<std::string>> lock_passwords(const Beneath& root, const std::string& path) {
  std::vector<std::string> locked;
  if (!REBURST_TRY(is_file(root, path))) return locked;
  const std::string before = REBURST_TRY(root.read(path, kMaxAccounts));
  std::string after;
  for (const std::string_view line : split(before, '\n')) {
    const auto fields = split(line, ':');
    if (line.empty()) continue;
    const bool in_shadow = path == "etc/passwd" && fields.size() > 1 && fields[1] == "x";
    const bool is_locked = fields.size() > 1 && (fields[1].starts_with('*') || fields[1].starts_with('!'));
    const bool must = fields.size() > 1 && !in_shadow && !is_locked && (fields[0] == "root" || fields[1].empty());
    if (must) {
      locked.emplace_back(fields[0]);
      after += std::string(fields[0]) + ":!*" + std::string(line.substr(fields[0].size() + 1 + fields[1].size()));
    } else {
      after += line;
    }
    after += '\n';
  }
  if (!locked.empty()) REBURST_TRY(rewrite(root, path, after));
  return locked;
}

Result<Outcome> locked_root(const Beneath& root) {
  std::vector<std::string> locked = REBURST_TRY(lock_passwords(root, "etc/shadow"));
  for (std::string& name : REBURST_TRY(lock_passwords(root, "etc/passwd"))) locked.push_back(std::move(name));
  const std::string unknown = REBURST_TRY(unknown_root(root));
  if (!unknown.empty()) return Outcome{false, unknown};
  return Outcome{true, locked.empty() ? "no account could log in without a password" : "locked: " + join(locked, ", ")};
}

Result<Outcome> no_ssh_host_keys(const Beneath& root) {
  std::size_t removed = 0;
  for (const tree::HostKeys& keys : tree::kHostKeys) {
    const std::string folder(keys.folder);
    for (const std::string& name : REBURST_TRY(list_folder(root, folder))) {
      if (!name.starts_with(keys.begin)) continue;
      REBURST_TRY(root.remove(folder + "/" + name));
      ++removed;
    }
  }
  return Outcome{true, removed == 0 ? "none found" : std::to_string(removed) + " files removed"};
}

Result<Outcome> empty_machine_id(const Beneath& root) {
  REBURST_TRY(root.make_folders("etc"));
  REBURST_TRY(root.remove("etc/machine-id"));
  REBURST_TRY(root.write("etc/machine-id", "", 0444));
  return Outcome{true, "set at boot"};
}

// systemd mounts partitions by their type alone (Discoverable Partitions Specification): a disk that somebody attaches
// would become /srv, /home or swap of the clone. Masked as systemd.generator(7) says.
Result<Outcome> no_automatic_mounts(const Beneath& root) {
  constexpr std::string_view kGenerator = "systemd-gpt-auto-generator";
  const std::string program = "usr/lib/systemd/system-generators/" + std::string(kGenerator);
  if (!REBURST_TRY(root.examine(program))) return Outcome{true, "systemd is not in the image"};
  const std::string folder = "etc/systemd/system-generators";
  REBURST_TRY(root.make_folders(folder));
  REBURST_TRY(root.remove(folder + "/" + std::string(kGenerator)));
  REBURST_TRY(root.make_symlink("/dev/null", folder + "/" + std::string(kGenerator)));
  return Outcome{true, std::string(kGenerator) + " is masked"};
}

constexpr std::array<Control, 7> kCatalogue = {{
    {"real-folders", &real_folders, true},
    {"no-package-manager", &no_package_manager},
    {"no-setuid-files", &no_setuid_files},
    {"locked-root", &locked_root},
    {"no-ssh-host-keys", &no_ssh_host_keys},
    {"empty-machine-id", &empty_machine_id},
    {"no-automatic-mounts", &no_automatic_mounts},
}};

}  // namespace

std::span<const Control> catalogue() {
  return kCatalogue;
}

}  // namespace reburst::harden
