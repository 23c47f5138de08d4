#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "builder/tree/beneath.hpp"
#include "builder/tree/host_keys.hpp"
#include "builder/tree/settle.hpp"
#include "builder/tree/tree.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst::tree {
namespace {

// What differs between two builds or belongs to the machine that built; docs/reference/tree-differences.md gives the
// reasons.
constexpr std::array<std::string_view, 37> kRemoved = {
    "etc/.pwd.lock",
    "etc/.updated",
    "etc/group-",
    "etc/gshadow-",
    "etc/passwd-",
    "etc/shadow-",
    "etc/subgid-",
    "etc/subuid-",
    "etc/ssl/certs/ssl-cert-snakeoil.pem",
    "etc/ssl/private/ssl-cert-snakeoil.key",
    "root/.bash_history",
    "root/.wget-hsts",
    "var/.updated",
    "var/cache/apt/pkgcache.bin",
    "var/cache/apt/srcpkgcache.bin",
    "var/cache/debconf/config.dat-old",
    "var/cache/debconf/passwords.dat-old",
    "var/cache/debconf/templates.dat-old",
    "var/cache/ldconfig/aux-cache",
    "var/lib/apt/extended_states",
    "var/lib/dbus/machine-id",
    "var/lib/dpkg/available-old",
    "var/lib/dpkg/diversions-old",
    "var/lib/dpkg/lock",
    "var/lib/dpkg/lock-frontend",
    "var/lib/dpkg/statoverride-old",
    "var/lib/dpkg/status-old",
    "var/lib/dpkg/triggers/Lock",
    "var/lib/systemd/credential.secret",
    "var/lib/systemd/random-seed",
    "var/log/alternatives.log",
    "var/log/apt/eipp.log.xz",
    "var/log/apt/history.log",
    "var/log/apt/term.log",
    "var/log/bootstrap.log",
    "var/log/dpkg.log",
    "var/log/fontconfig.log",
};

// Folders that stay, empty.
constexpr std::array<std::string_view, 8> kEmptied = {
    "dev", "proc", "run", "sys", "tmp", "var/cache/fontconfig", "var/cache/man", "var/tmp"};

Result<std::vector<std::string>> list_folder(const Beneath& root, const std::string& path) {
  Fd fd = REBURST_TRY(root.open_at(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const Handle<DIR, &closedir> stream(::fdopendir(fd.get()));
  if (!stream) return fail(system_error("cannot list \"/" + path + "\" in the tree", errno));
  (void)fd.release();
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<bool> is_folder(const Beneath& root, std::string_view path) {
  const auto info = REBURST_TRY(root.examine(path));
  return info && S_ISDIR(info->st_mode);
}

// Keys that a script generated, and the links to them.
Result<> remove_generated_keys(const Beneath& root) {
  for (const HostKeys& keys : kHostKeys) {
    const std::string folder(keys.folder);
    if (!REBURST_TRY(is_folder(root, folder))) continue;
    for (const std::string& name : REBURST_TRY(list_folder(root, folder))) {
      if (name.starts_with(keys.begin)) REBURST_TRY(root.remove(folder + "/" + name));
    }
  }
  if (!REBURST_TRY(is_folder(root, "etc/ssl/certs"))) return {};
  const Fd certs = REBURST_TRY(root.open_at("etc/ssl/certs", O_RDONLY | O_DIRECTORY));
  for (const std::string& name : REBURST_TRY(list_folder(root, "etc/ssl/certs"))) {
    std::array<char, 256> target{};
    const ssize_t length = ::readlinkat(certs.get(), name.c_str(), target.data(), target.size());
    if (length > 0 && std::string_view(target.data(), static_cast<std::size_t>(length)) == "ssl-cert-snakeoil.pem") {
      REBURST_TRY(root.remove("etc/ssl/certs/" + name));
    }
  }
  return {};
}

// Whether the recipe puts it there itself, as a file or in a folder.
bool brings(const recipe::Recipe& recipe, const std::string& path) {
  return std::any_of(recipe.files.begin(), recipe.files.end(), [&](const recipe::FileEntry& entry) {
    if (entry.path == path) return true;
    if (!entry.from || !path.starts_with(entry.path == "/" ? "/" : entry.path + "/")) return false;
    std::error_code ignored;
    return fs::exists(*entry.from / fs::path(path).lexically_relative(entry.path), ignored);
  });
}

// A key that the postinst of bind9 generates. Unlike a host key nobody makes it at boot: who wants one says which.
Result<> remove_rndc_key(const Beneath& root, const recipe::Recipe& recipe) {
  constexpr std::string_view kKey = "/etc/bind/rndc.key";
  if (brings(recipe, std::string(kKey))) return {};
  return root.remove(kKey);
}

Result<> remove_traces(const Beneath& root) {
  for (const std::string_view path : kRemoved) REBURST_TRY(root.remove(path));
  for (const std::string_view folder : kEmptied) {
    if (!REBURST_TRY(is_folder(root, folder))) continue;
    for (const std::string& name : REBURST_TRY(list_folder(root, std::string(folder))))
      REBURST_TRY(root.remove(std::string(folder) + "/" + name));
  }
  return remove_generated_keys(root);
}

// The identity that a machine gets at boot, not in the image (machine-id(5)).
Result<> blank_identity(const Beneath& root) {
  REBURST_TRY(root.make_folders("etc"));
  REBURST_TRY(root.write("etc/machine-id", "", 0444));
  if (REBURST_TRY(is_folder(root, "var/lib/dbus")))
    REBURST_TRY(root.make_symlink("/etc/machine-id", "var/lib/dbus/machine-id"));
  if (!REBURST_TRY(root.examine("etc/hostname"))) REBURST_TRY(root.write("etc/hostname", "localhost\n"));
  if (!REBURST_TRY(root.examine("etc/hosts"))) {
    REBURST_TRY(root.write("etc/hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"));
  }
  return {};
}

// Gives a file other content in place: its owner, mode and links stay.
Result<> rewrite(const Beneath& root, const std::string& path, const std::string& before, const std::string& after) {
  if (after == before) return {};
  const Fd fd = REBURST_TRY(root.open_at(path, O_WRONLY | O_TRUNC | O_NOFOLLOW));
  return write_all(fd.get(), after, "\"/" + path + "\"");
}

Result<> settle_files(const Beneath& root, Epoch epoch) {
  if (REBURST_TRY(root.examine("etc/shadow"))) {
    const std::string before = REBURST_TRY(root.read("etc/shadow", 16U << 20U));
    REBURST_TRY(rewrite(root, "etc/shadow", before, settled_shadow(before, epoch)));
  }
  for (const char* folder : {"etc", "etc/mail", "etc/postfix"}) {
    if (!REBURST_TRY(is_folder(root, folder))) continue;
    for (const std::string& name : REBURST_TRY(list_folder(root, folder))) {
      const std::string path = std::string(folder) + "/" + name;
      const auto info = REBURST_TRY(root.examine(path));
      if (!name.ends_with(".db") || !info || !S_ISREG(info->st_mode)) continue;
      const std::string before = REBURST_TRY(root.read(path, 64U << 20U));
      REBURST_TRY(rewrite(root, path, before, settled_berkeley_db(before, epoch)));
    }
  }
  return {};
}

// Visits everything below `folder` (an open descriptor), a folder after what it holds. Paths start with "/".
Result<> walk(int folder, const std::string& path,
              const std::function<Result<>(int, const std::string&, const std::string&)>& visit) {
  const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const Handle<DIR, &closedir> stream(copy < 0 ? nullptr : ::fdopendir(copy));
  if (!stream) return fail(system_error("cannot list \"" + path + "\" in the tree", errno));
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::string child_path = path + "/" + name;
    if (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) {
      const Fd child(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (child.valid()) {
        REBURST_TRY(walk(child.get(), child_path, visit));
      } else if (errno != ENOTDIR && errno != ELOOP) {
        return fail(system_error("cannot open \"" + child_path + "\" in the tree", errno));
      }
    }
    REBURST_TRY(visit(folder, name, child_path));
  }
  return {};
}

// Sets every time stamp and returns every path, sorted.
Result<std::vector<std::string>> settle_times(const Beneath& root, Epoch epoch) {
  const std::array<timespec, 2> times{timespec{epoch, 0}, timespec{epoch, 0}};
  std::vector<std::string> paths;
  const Fd top = REBURST_TRY(root.open_at("/", O_RDONLY | O_DIRECTORY));
  REBURST_TRY(walk(top.get(), "", [&](int folder, const std::string& name, const std::string& path) -> Result<> {
    if (::utimensat(folder, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0)
      return fail(system_error("cannot set the time of \"" + path + "\" in the tree", errno));
    paths.push_back(path);
    return {};
  }));
  if (::futimens(top.get(), times.data()) != 0)
    return fail(system_error("cannot set the time of the tree's root", errno));
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Every path once: to the first package that owns it, or to the last group.
std::vector<Tree::PackageFiles> lay_out(const std::vector<Tree::PackageFiles>& owned,
                                        const std::vector<std::string>& paths) {
  std::unordered_map<std::string_view, std::size_t> owner;
  for (std::size_t i = 0; i < owned.size(); ++i) {
    for (const std::string& path : owned[i].paths) owner.emplace(path, i);
  }
  std::vector<Tree::PackageFiles> layout(owned.size() + 1);
  for (std::size_t i = 0; i < owned.size(); ++i) layout[i].package = owned[i].package;
  for (const std::string& path : paths) {
    const auto found = owner.find(std::string_view(path).substr(1));
    layout[found == owner.end() ? owned.size() : found->second].paths.push_back(path);
  }
  return layout;
}

}  // namespace

Result<> normalise(Tree& tree, const recipe::Recipe& recipe, const TreeOptions& options) {
  const Beneath root = REBURST_TRY(Beneath::open(tree.root));
  REBURST_TRY(remove_traces(root));
  REBURST_TRY(remove_rndc_key(root, recipe));
  REBURST_TRY(blank_identity(root));
  REBURST_TRY(settle_files(root, options.epoch));
  tree.layout = lay_out(tree.owned, REBURST_TRY(settle_times(root, options.epoch)));
  return {};
}

}  // namespace reburst::tree
