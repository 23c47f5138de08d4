#include "builder/image/walk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <unordered_map>

#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst::image {

namespace {

using Folder = Handle<DIR, &closedir>;

bool belongs_to_image(std::string_view name) {
  return name.starts_with("user.") || name.starts_with("trusted.") || name == "security.capability" ||
         name == "system.posix_acl_access" || name == "system.posix_acl_default";
}

Result<std::string> xattr_value(const std::string& path, const std::string& name) {
  std::string value;
  for (;;) {
    const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), nullptr, 0);
    if (size >= 0) {
      value.resize(static_cast<std::size_t>(size));
      const ssize_t got = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
      if (got == size) return value;
      if (got >= 0 || errno == ERANGE) continue;  // it changed between the two calls
    }
    return fail(system_error("cannot read the attribute \"" + name + "\" of \"" + path + "\"", errno));
  }
}

Result<std::vector<Xattr>> read_xattrs(const std::string& path) {
  std::string names(1024, '\0');
  ssize_t size = ::llistxattr(path.c_str(), names.data(), names.size());
  if (size < 0 && errno == ERANGE) {
    names.resize(65536);  // XATTR_LIST_MAX
    size = ::llistxattr(path.c_str(), names.data(), names.size());
  }
  if (size < 0 && errno == ENOTSUP) return std::vector<Xattr>{};
  if (size < 0) return fail(system_error("cannot list the attributes of \"" + path + "\"", errno));
  names.resize(static_cast<std::size_t>(size));
  std::vector<Xattr> xattrs;
  for (const std::string_view name : split(names, '\0')) {
    if (!belongs_to_image(name)) continue;
    xattrs.push_back({std::string(name), REBURST_TRY(xattr_value(path, std::string(name)))});
  }
  std::ranges::sort(xattrs);
  return xattrs;
}

Result<std::vector<std::string>> read_names(const std::string& path) {
  const Folder folder(::opendir(path.c_str()));
  if (!folder) return fail(system_error("cannot list \"" + path + "\"", errno));
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return fail(system_error("cannot list \"" + path + "\"", errno));
  std::ranges::sort(names);
  return names;
}

Result<std::string> read_target(const std::string& path, std::size_t size) {
  std::string target(size + 1, '\0');
  const ssize_t got = ::readlink(path.c_str(), target.data(), target.size());
  if (got < 0) return fail(system_error("cannot read the link \"" + path + "\"", errno));
  if (static_cast<std::size_t>(got) > size)
    return fail(ErrorCode::kIo, "the link \"" + path + "\" changed while it was read");
  target.resize(static_cast<std::size_t>(got));
  return target;
}

std::uint32_t encode_device(dev_t device) {
  const std::uint32_t minor_number = minor(device);
  return (minor_number & 0xffU) | (major(device) << 8U) | ((minor_number & ~0xffU) << 12U);
}

class Walker {
 public:
  explicit Walker(const tree::Tree& tree) : root_(tree.root.string()) {}

  // Adds the inode at `path` ("" is the root) and, for a folder, all below it. Returns its node.
  Result<std::size_t> add(const std::string& path, std::size_t parent) {
    const std::string host = root_ + path;
    struct stat status {};
    if (::lstat(host.c_str(), &status) != 0) return fail(system_error("cannot stat \"" + host + "\"", errno));
    if (!S_ISDIR(status.st_mode)) {
      if (const auto known = find_link(status)) {
        ++walk_.nodes[*known].links;
        return *known;
      }
    }
    const std::size_t number = walk_.nodes.size();
    walk_.nodes.push_back(REBURST_TRY(read_node(host, path, status)));
    walk_.nodes[number].parent = parent;
    if (S_ISDIR(status.st_mode))
      REBURST_TRY(add_entries(host, path, number));
    else if (status.st_nlink > 1)
      links_.emplace(std::pair(status.st_dev, status.st_ino), number);
    return number;
  }

  Result<Walk> finish(const tree::Tree& tree) {
    REBURST_TRY(apply_layout(tree));
    return std::move(walk_);
  }

 private:
  std::optional<std::size_t> find_link(const struct stat& status) const {
    if (status.st_nlink < 2) return std::nullopt;
    const auto found = links_.find(std::pair(status.st_dev, status.st_ino));
    return found == links_.end() ? std::nullopt : std::optional(found->second);
  }

  static Result<Node> read_node(const std::string& host, const std::string& path, const struct stat& status) {
    Node node;
    node.path = path.empty() ? "/" : path;
    node.mode = status.st_mode;
    node.uid = status.st_uid;
    node.gid = status.st_gid;
    node.links = S_ISDIR(status.st_mode) ? 2 : 1;
    node.xattrs = REBURST_TRY(read_xattrs(host));
    if (S_ISREG(status.st_mode)) node.size = static_cast<std::uint64_t>(status.st_size);
    if (S_ISLNK(status.st_mode)) node.target = REBURST_TRY(read_target(host, static_cast<std::size_t>(status.st_size)));
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) node.device = encode_device(status.st_rdev);
    return node;
  }

  Result<> add_entries(const std::string& host, const std::string& path, std::size_t number) {
    for (std::string& name : REBURST_TRY(read_names(host))) {
      const std::string child_path = path + "/" + name;
      const std::size_t child = REBURST_TRY(add(child_path, number));
      if (S_ISDIR(walk_.nodes[child].mode)) ++walk_.nodes[number].links;
      walk_.nodes[number].entries.emplace_back(std::move(name), child);
      names_.emplace(child_path, child);
    }
    return {};
  }

  Result<> apply_layout(const tree::Tree& tree) {
    std::unordered_map<std::string, std::size_t> left = names_;
    std::vector<bool> placed(walk_.nodes.size());
    for (const auto& group : tree.layout) {
      auto& files = walk_.data.emplace_back();
      for (const std::string& path : group.paths) {
        const auto found = names_.find(path);
        if (found == names_.end()) return disagree("names \"" + path + "\", which is not in the tree");
        const Node& node = walk_.nodes[found->second];
        if (left.erase(path) == 0 && !S_ISDIR(node.mode)) return disagree("names \"" + path + "\" twice");
        if (!S_ISREG(node.mode) || node.size == 0 || placed[found->second]) continue;
        placed[found->second] = true;
        files.push_back(found->second);
      }
    }
    return check_nothing_left(left);
  }

  Result<> check_nothing_left(const std::unordered_map<std::string, std::size_t>& left) const {
    std::vector<std::string> forgotten;
    for (const auto& [path, node] : left) {
      if (!S_ISDIR(walk_.nodes[node].mode)) forgotten.push_back(path);
    }
    if (forgotten.empty()) return {};
    return disagree("does not name \"" + *std::ranges::min_element(forgotten) + "\"");
  }

  static tl::unexpected<Error> disagree(const std::string& how) {
    return fail(ErrorCode::kInternal, "the tree's layout " + how);
  }

  std::string root_;
  Walk walk_;
  std::map<std::pair<dev_t, ino_t>, std::size_t> links_;
  std::unordered_map<std::string, std::size_t> names_;
};

}  // namespace

Result<Walk> walk_tree(const tree::Tree& tree) {
  Walker walker(tree);
  REBURST_TRY(walker.add("", 0));
  return walker.finish(tree);
}

}  // namespace reburst::image
