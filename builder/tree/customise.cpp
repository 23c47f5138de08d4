#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "builder/tree/accounts.hpp"
#include "builder/tree/beneath.hpp"
#include "builder/tree/sandbox.hpp"
#include "builder/tree/tree.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

namespace reburst::tree {
namespace {

constexpr std::uint64_t kMaxFile = 4ULL << 30U;

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

Result<Owner> owner_of(const recipe::FileEntry& entry, const Accounts& accounts) {
  const auto uid = accounts.user(entry.owner);
  const auto gid = accounts.group(entry.group);
  if (!uid || !gid) {
    return fail(ErrorCode::kRecipe,
                "cannot add the file \"" + entry.path + "\": the image has no " +
                    (uid ? "group \"" + entry.group : "user \"" + entry.owner) + "\"",
                "add the account under \"users:\", or the package that makes it");
  }
  return Owner{*uid, *gid};
}

Result<> give(int folder, const std::string& name, const Owner& owner, mode_t mode, const std::string& path) {
  // fchownat first: it clears the setuid and setgid bits.
  if (::fchownat(folder, name.c_str(), owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW) != 0 ||
      ::fchmodat(folder, name.c_str(), mode, 0) != 0) {
    return fail(system_error("cannot set the owner of \"" + path + "\" in the tree", errno));
  }
  return {};
}

Result<> refuse_folder(const Beneath& root, const std::string& path) {
  const auto there = REBURST_TRY(root.examine(path));
  if (!there || !S_ISDIR(there->st_mode)) return {};
  return fail(ErrorCode::kRecipe, "cannot add the file \"" + path + "\": the image has a folder of that name");
}

// A link whose target is not there, or a file, where the recipe wants a folder.
Result<> refuse_false_parent(const Beneath& root, const std::string& path) {
  for (auto end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
    const std::string folder = path.substr(0, end);
    if (!REBURST_TRY(root.examine(folder))) return {};
    const auto target = REBURST_TRY(root.examine_target(folder));
    if (target && S_ISDIR(target->st_mode)) continue;
    return fail(ErrorCode::kRecipe,
                "cannot add the file \"" + path + "\": in the image \"" + folder + "\" is " +
                    (target ? "not a folder" : "a link to nothing"),
                "put the file elsewhere, or exclude the package that brings \"" + folder + "\"");
  }
  return {};
}

Result<> make_parent(const Beneath& root, const std::string& path) {
  REBURST_TRY(refuse_false_parent(root, path));
  return root.make_folders(fs::path(path).parent_path().string());
}

Result<> add_content(const Beneath& root, const std::string& path, const std::string& content, const Owner& owner,
                     mode_t mode) {
  REBURST_TRY(make_parent(root, path));
  REBURST_TRY(refuse_folder(root, path));
  REBURST_TRY(root.write(path, content, mode));
  const Beneath::Place at = REBURST_TRY(root.place(path));
  return give(at.folder.get(), at.name, owner, mode, path);
}

// A folder that is there already stays as it is: what shuts others out of it, a package or the recipe has decided.
Result<> add_folder(const Beneath& root, const std::string& path, const Owner& owner) {
  if (REBURST_TRY(root.examine_target(path))) return root.make_folders(path);
  REBURST_TRY(root.make_folders(path));
  const Beneath::Place at = REBURST_TRY(root.place(path));
  return give(at.folder.get(), at.name, owner, 0755, path);
}

// A file, a link (kept as it is) or a folder with all it holds, in the order of names.
Result<> add_from(const Beneath& root, const fs::path& from, const std::string& path, const Owner& owner,
                  std::optional<std::uint32_t> mode) {
  struct stat info {};
  if (::lstat(from.c_str(), &info) != 0) {
    return fail(ErrorCode::kMissing, "cannot add the file \"" + path + "\": \"" + from.string() + "\" is not there",
                "paths after \"from:\" are relative to the recipe");
  }
  if (S_ISDIR(info.st_mode)) {
    REBURST_TRY(add_folder(root, path, owner));
    std::error_code problem;
    std::vector<fs::path> children;
    for (const auto& child : fs::directory_iterator(from, problem)) children.push_back(child.path());
    if (problem) return fail(system_error("cannot list \"" + from.string() + "\"", problem.value()));
    std::sort(children.begin(), children.end());
    for (const fs::path& child : children) {
      REBURST_TRY(add_from(root, child, (path == "/" ? path : path + "/") + child.filename().string(), owner, mode));
    }
    return {};
  }
  if (S_ISLNK(info.st_mode)) {
    std::error_code problem;
    const fs::path target = fs::read_symlink(from, problem);
    if (problem) return fail(system_error("cannot read the link \"" + from.string() + "\"", problem.value()));
    REBURST_TRY(make_parent(root, path));
    REBURST_TRY(refuse_folder(root, path));
    REBURST_TRY(root.remove(path));
    return root.make_symlink(target.string(), path);
  }
  if (!S_ISREG(info.st_mode))
    return fail(ErrorCode::kRecipe, "cannot add \"" + from.string() + "\": it is neither a file, a folder nor a link");
  const mode_t by_bit = (info.st_mode & 0111U) != 0 ? 0755 : 0644;
  return add_content(root, path, REBURST_TRY(read_file(from, kMaxFile)), owner,
                     mode ? static_cast<mode_t>(*mode) : by_bit);
}

Result<> add_files(const Beneath& root, const std::vector<recipe::FileEntry>& files) {
  const Accounts accounts = REBURST_TRY(Accounts::read(root));
  for (const recipe::FileEntry& entry : files) {
    const Owner owner = REBURST_TRY(owner_of(entry, accounts));
    if (entry.content) {
      REBURST_TRY(add_content(root, entry.path, *entry.content, owner, static_cast<mode_t>(entry.mode.value_or(0644))));
    } else if (entry.from) {
      REBURST_TRY(add_from(root, *entry.from, entry.path, owner, entry.mode));
    }
  }
  return {};
}

Result<> run_commands(const Sandbox& sandbox, const std::vector<std::string>& commands, Progress& progress) {
  for (const std::string& line : commands) {
    Sandbox::Run command;
    command.argv = {"/bin/sh", "-euc", line};
    const Exit exit = REBURST_TRY(sandbox.run(command));
    progress.advance(1);
    if (exit.status != 0) {
      return fail(ErrorCode::kScript, "the recipe's command \"" + line + "\" failed with exit status " +
                                          std::to_string(exit.status) + ":\n" +
                                          indent(tail_lines(trim(exit.out), 30), "  | "));
    }
  }
  return {};
}

// A volume is mounted on a folder of the image itself: through a link it would hide another place than the recipe says.
Result<> make_mount_points(const Beneath& root, const std::vector<recipe::StateVolume>& state) {
  for (const recipe::StateVolume& volume : state) {
    const auto there = REBURST_TRY(root.examine_target(volume.mount));
    if (there && !S_ISDIR(there->st_mode)) {
      return fail(ErrorCode::kRecipe,
                  "cannot mount the volume \"" + volume.volume + "\" on \"" + volume.mount +
                      "\": the image has something else than a folder there",
                  "choose another mount under \"state:\"");
    }
    REBURST_TRY(root.make_folders(volume.mount));
    const std::string real = "/" + REBURST_TRY(root.real_folder(volume.mount));
    if (real == volume.mount) continue;
    return fail(ErrorCode::kRecipe,
                "cannot mount the volume \"" + volume.volume + "\" on \"" + volume.mount +
                    "\": a link of the image leads to \"" + real + "\"",
                "name the folder itself under \"state:\"");
  }
  return {};
}

// os-release(5): which release a clone is, for whoever asks the clone itself.
Result<> name_release(const Beneath& root, const std::string& role, Epoch epoch) {
  constexpr std::string_view kFile = "usr/lib/os-release";
  if (!REBURST_TRY(root.examine(kFile))) return {};
  return root.append(kFile, "IMAGE_ID=" + role + "\nIMAGE_VERSION=" + version_time(epoch) + "\n");
}

Result<> systemctl(const Sandbox& sandbox, const char* verb, const std::vector<std::string>& units) {
  if (units.empty()) return {};
  Sandbox::Run command;
  command.argv = {"/bin/systemctl", "--root=/", "--no-reload", verb, "--"};
  command.argv.insert(command.argv.end(), units.begin(), units.end());
  command.environment = {"SYSTEMD_OFFLINE=1"};
  const Exit exit = REBURST_TRY(sandbox.run(command));
  if (exit.status == 0) return {};
  return fail(ErrorCode::kRecipe,
              "cannot " + std::string(verb) + " the services " + join(units, ", ") + ":\n" +
                  indent(tail_lines(trim(exit.out), 10), "  | "),
              "the unit must be in the image, or be added under \"files:\"");
}

}  // namespace

Result<> customise(Tree& tree, const recipe::Recipe& recipe, const TreeOptions& options, Progress& progress) {
  const Beneath root = REBURST_TRY(Beneath::open(tree.root));
  const Sandbox sandbox = REBURST_TRY(Sandbox::make(tree.root, options.epoch));
  progress.begin("customise", recipe.run.size(), Progress::Unit::kItems);
  for (const recipe::User& user : recipe.users)
    REBURST_TRY(add_user(root, user.name, {user.system, user.home, user.shell, options.epoch}));
  REBURST_TRY(name_release(root, recipe.role, options.epoch));
  REBURST_TRY(add_files(root, recipe.files));
  REBURST_TRY(run_commands(sandbox, recipe.run, progress));
  REBURST_TRY(make_mount_points(root, recipe.state));
  REBURST_TRY(systemctl(sandbox, "enable", recipe.services.enable));
  REBURST_TRY(systemctl(sandbox, "disable", recipe.services.disable));
  REBURST_TRY(systemctl(sandbox, "mask", recipe.services.mask));
  for (const std::string& path : recipe.image.exclude) REBURST_TRY(root.remove(path));
  return {};
}

}  // namespace reburst::tree
