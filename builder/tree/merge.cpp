#include "builder/tree/merge.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

#include "builder/tree/accounts.hpp"
#include "core/text.hpp"

namespace reburst::tree {
namespace {

// Folders that are links into /usr (the ones that debootstrap knows for the architectures of Debian).
constexpr std::array<std::string_view, 7> kMergedFolders = {"bin", "sbin", "lib", "lib32", "lib64", "libo32", "libx32"};

bool is_merged_folder(std::string_view name) {
  return std::find(kMergedFolders.begin(), kMergedFolders.end(), name) != kMergedFolders.end();
}

std::pair<std::string, std::string> split_path(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {"", path};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::string join_path(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

// A link of another package whose target is nowhere in the tree, where this one has a folder.
tl::unexpected<Error> link_to_nothing(const Package& package, const std::string& folder) {
  return fail(
      ErrorCode::kPackage,
      "package \"" + package.name + "\" has the folder \"/" + folder + "\", which is a link to nothing in the tree",
      std::string(kBrokenPackageHint));
}

bool replaces(const Package& package, const Package& other) {
  return std::any_of(package.replaces.begin(), package.replaces.end(), [&](const Relation& relation) {
    return relation.name == other.name && satisfies(other.version, relation);
  });
}

}  // namespace

Result<> make_merged_usr(const Beneath& root, const std::vector<Package>& packages,
                         const std::vector<std::size_t>& members) {
  // Only what some package brings: an empty lib64 would be a difference between architectures for nothing.
  for (const std::string_view name : kMergedFolders) {
    const std::string direct = std::string(name) + "/";
    const std::string merged = "usr/" + direct;
    const bool used = std::any_of(members.begin(), members.end(), [&](std::size_t member) {
      const auto& entries = packages[member].entries;
      return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
        return entry.path.starts_with(direct) || entry.path.starts_with(merged) ||
               (entry.path == name && entry.type == EntryType::kSymlink);
      });
    });
    if (!used || REBURST_TRY(root.examine(name))) continue;
    REBURST_TRY(root.make_folders("usr/" + std::string(name)));
    REBURST_TRY(root.make_symlink("usr/" + std::string(name), name));
  }
  return {};
}

Merger::Merger(const Beneath& root, const std::vector<Package>& packages)
    : root_(root), packages_(packages), lost_(packages.size()), real_(packages.size()) {}

Result<> Merger::read_overrides() {
  constexpr std::uint64_t kMax = 16U << 20U;
  diversions_.clear();
  overrides_.clear();
  folder_ = {};
  if (REBURST_TRY(root_.examine_target("var/lib/dpkg/diversions"))) {
    const std::string text = REBURST_TRY(root_.read("var/lib/dpkg/diversions", kMax));
    const auto lines = split(text, '\n');
    for (std::size_t i = 0; i + 2 < lines.size(); i += 3) {
      if (!lines[i].starts_with('/') || !lines[i + 1].starts_with('/'))
        return fail(ErrorCode::kPackage, "\"/var/lib/dpkg/diversions\" of the tree is malformed");
      diversions_.push_back(
          {std::string(lines[i].substr(1)), std::string(lines[i + 1].substr(1)), std::string(lines[i + 2])});
    }
  }
  if (!REBURST_TRY(root_.examine_target("var/lib/dpkg/statoverride"))) return {};
  const std::string text = REBURST_TRY(root_.read("var/lib/dpkg/statoverride", kMax));
  if (text.empty()) return {};
  const Accounts accounts = REBURST_TRY(Accounts::read(root_));
  for (const std::string_view line : split(text, '\n')) {
    const auto words = split_words(line);
    if (words.size() != 4 || !words[3].starts_with('/')) continue;
    const auto uid = accounts.user(words[0]);
    const auto gid = accounts.group(words[1]);
    if (!uid || !gid)
      return fail(ErrorCode::kPackage,
                  "\"/var/lib/dpkg/statoverride\" of the tree names an account that is not there: \"" +
                      std::string(line) + "\"");
    overrides_.push_back({*uid, *gid, static_cast<mode_t>(std::stoul(std::string(words[2]), nullptr, 8) & 07777U),
                          std::string(words[3].substr(1))});
  }
  return {};
}

std::string Merger::destination(const Package& package, const std::string& path) const {
  for (const Diversion& diversion : diversions_) {
    if (diversion.from == path && diversion.package != package.name) return diversion.to;
  }
  return path;
}

// Opens the folder of what comes next, following links beneath the root.
Result<> Merger::reach(const std::string& folder) {
  if (folder_.fd.valid() && folder_.path == folder) return {};
  int fd = open_beneath(root_.fd(), folder.c_str(), O_PATH | O_DIRECTORY, 0);
  if (fd < 0 && errno == ENOENT) {
    REBURST_TRY(root_.make_folders(folder));
    fd = open_beneath(root_.fd(), folder.c_str(), O_PATH | O_DIRECTORY, 0);
  }
  if (fd < 0) return fail(system_error("cannot reach \"/" + folder + "\" in the tree", errno));
  folder_ = {folder, {}, Fd(fd)};
  folder_.real = REBURST_TRY(root_.real_folder(folder));
  return {};
}

Result<> Merger::merge(std::size_t index) {
  const Package& package = packages_[index];
  const Beneath staging = REBURST_TRY(Beneath::open(package.staging));
  Beneath::Place from;
  std::string from_folder = "/";  // no folder has this name
  real_[index].clear();
  for (const Entry& entry : package.entries) {
    if (entry.type == EntryType::kDirectory) {
      REBURST_TRY(with_context(merge_folder(index, entry), "unpacking " + package.name));
      continue;
    }
    const auto [folder, name] = split_path(entry.path);
    if (folder != from_folder) {
      from.folder.reset(open_beneath(staging.fd(), folder.c_str(), O_PATH | O_DIRECTORY, 0));
      if (!from.folder.valid()) return fail(system_error("cannot reach \"" + entry.path + "\"", errno));
      from_folder = folder;
    }
    REBURST_TRY(with_context(merge_file(index, entry, from.folder.get()), "unpacking " + package.name));
  }
  return {};
}

Result<> Merger::divert(std::size_t index) {
  if (diversions_.empty()) return {};
  const Package& package = packages_[index];
  for (const Entry& entry : package.entries) {
    const std::string target = destination(package, entry.path);
    if (entry.type == EntryType::kDirectory || target == entry.path) continue;
    const bool there = REBURST_TRY(root_.examine(entry.path)).has_value();
    const bool moved = REBURST_TRY(root_.examine(target)).has_value();
    if (there == moved) continue;
    const Beneath::Place from = REBURST_TRY(root_.place(entry.path));
    const Beneath::Place to = REBURST_TRY(root_.place(target));
    // dpkg-divert --rename has moved it already, dpkg-divert --no-rename has not.
    if (!moved && ::renameat(from.folder.get(), from.name.c_str(), to.folder.get(), to.name.c_str()) != 0) {
      return fail(system_error("cannot divert \"/" + entry.path + "\" to \"/" + target + "\" in the tree", errno));
    }
    const std::string real = join_path(REBURST_TRY(root_.real_folder(split_path(entry.path).first)), from.name);
    const std::string new_real = join_path(REBURST_TRY(root_.real_folder(split_path(target).first)), to.name);
    std::replace(real_[index].begin(), real_[index].end(), real, new_real);
    owners_.erase(real);
    owners_[new_real] = {index, "/" + entry.path};
  }
  return {};
}

Result<> Merger::merge_folder(std::size_t index, const Entry& entry) {
  const Package& package = packages_[index];
  const auto [parent, name] = split_path(entry.path);
  Fd fd(open_beneath(root_.fd(), entry.path.c_str(), O_PATH | O_DIRECTORY, 0));
  if (!fd.valid()) {
    if (errno == ENOTDIR) {
      return fail(
          ErrorCode::kPackage,
          "package \"" + package.name + "\" has the folder \"/" + entry.path + "\", which is a file in the tree",
          std::string(kBrokenPackageHint));
    }
    if (errno != ENOENT) return fail(system_error("cannot reach \"/" + entry.path + "\" in the tree", errno));
    REBURST_TRY(reach(parent));
    if (::mkdirat(folder_.fd.get(), name.c_str(), 0700) != 0) {
      if (errno == EEXIST) return link_to_nothing(package, entry.path);
      return fail(system_error("cannot make the folder \"/" + entry.path + "\" in the tree", errno));
    }
    if (::fchownat(folder_.fd.get(), name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0 ||
        ::fchmodat(folder_.fd.get(), name.c_str(), entry.mode, 0) != 0) {
      return fail(system_error("cannot make the folder \"/" + entry.path + "\" in the tree", errno));
    }
    REBURST_TRY(apply_override(package, entry, folder_.fd.get(), name));
    fd.reset(open_beneath(root_.fd(), entry.path.c_str(), O_PATH | O_DIRECTORY, 0));
    if (!fd.valid()) return fail(system_error("cannot reach \"/" + entry.path + "\" in the tree", errno));
  }
  folder_ = {entry.path, REBURST_TRY(root_.real_folder(entry.path)), std::move(fd)};
  real_[index].push_back(folder_.real);
  return {};
}

Result<> Merger::merge_file(std::size_t index, const Entry& entry, int staging) {
  const Package& package = packages_[index];
  const std::string target = destination(package, entry.path);
  const auto [folder, name] = split_path(target);
  REBURST_TRY(reach(folder));
  if (folder_.real.empty() && is_merged_folder(name)) {
    if (entry.type == EntryType::kSymlink && (entry.target == "usr/" + name || entry.target == "/usr/" + name)) {
      real_[index].push_back(name);
      return {};
    }
    return fail(ErrorCode::kPackage,
                "package \"" + package.name + "\" would replace the link \"/" + name + "\" of the merged /usr");
  }
  const std::string real = join_path(folder_.real, name);
  if (REBURST_TRY(contest(index, real, entry.path)) == Verdict::kKeepOther) return {};
  const std::string written = package.is_conffile(entry.path) ? name + ".dpkg-new" : name;
  const std::string source = split_path(entry.path).second;
  if (::renameat(staging, source.c_str(), folder_.fd.get(), written.c_str()) != 0) {
    // dpkg: a folder that is there already serves as the link (deb-postinst and Policy 6.6).
    if (errno == EISDIR && entry.type == EntryType::kSymlink) return {};
    if (errno == EISDIR) {
      return fail(ErrorCode::kPackage, "package \"" + package.name + "\" has the file \"/" + entry.path +
                                           "\", which is a folder in the tree");
    }
    return fail(system_error("cannot put \"/" + entry.path + "\" into the tree", errno));
  }
  owners_[real] = {index, "/" + entry.path};
  real_[index].push_back(real);
  return apply_override(package, entry, folder_.fd.get(), written);
}

// dpkg(1), "Replaces": the replacer has the file, whichever of the two comes first.
Result<Merger::Verdict> Merger::contest(std::size_t index, const std::string& real, const std::string& path) {
  const auto held = owners_.find(real);
  if (held == owners_.end() || held->second.package == index) return Verdict::kTake;
  const std::size_t other_index = held->second.package;
  const Package& package = packages_[index];
  const Package& other = packages_[other_index];
  if (replaces(package, other)) {
    lost_[other_index].push_back(held->second.listed);
    std::erase(real_[other_index], real);
    return Verdict::kTake;
  }
  if (replaces(other, package)) return Verdict::kKeepOther;
  return fail(ErrorCode::kPackage,
              "package \"" + package.name + "\" " + package.version + " would overwrite \"/" + path +
                  "\", which is also in package \"" + other.name + "\" " + other.version,
              "exclude one of the two in the recipe");
}

Result<> Merger::apply_override(const Package& package, const Entry& entry, int folder, const std::string& name) {
  for (const Override& override : overrides_) {
    if (override.path != entry.path) continue;
    if (::fchownat(folder, name.c_str(), override.uid, override.gid, AT_SYMLINK_NOFOLLOW) != 0 ||
        (entry.type != EntryType::kSymlink && ::fchmodat(folder, name.c_str(), override.mode, 0) != 0)) {
      return fail(
          system_error("cannot apply the statoverride of \"/" + entry.path + "\" of \"" + package.name + "\"", errno));
    }
  }
  return {};
}

std::vector<std::string> Merger::listed(std::size_t index) const {
  std::vector<std::string> paths = {"/."};
  for (const Entry& entry : packages_[index].entries) {
    std::string path = "/" + entry.path;
    if (std::find(lost_[index].begin(), lost_[index].end(), path) == lost_[index].end())
      paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace reburst::tree
