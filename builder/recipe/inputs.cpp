#include "builder/recipe/inputs.hpp"

#include <algorithm>
#include <system_error>
#include <vector>

#include "builder/recipe/unicode.hpp"
#include "core/digest.hpp"
#include "core/text.hpp"

namespace reburst::recipe {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxEntries = 100000;

tl::unexpected<Error> not_there(const Node& node, std::string_view what) {
  return fail_at(node.mark, "there is no " + std::string(what) + " " + in_quotes(node.scalar),
                 node.scalar.starts_with('/') ? "check the path"
                                              : "the path starts from " + in_quotes(node.mark.source->folder.string()));
}

// A relative target that climbs above the folder's top: it would name another file on each machine. Absolute targets
// are names inside the image.
bool leads_out(const fs::path& relative, const fs::path& target) {
  if (target.is_absolute()) return false;
  std::ptrdiff_t depth = std::distance(relative.begin(), relative.end()) - 1;
  for (const auto& part : target) {
    if (part == "..") --depth;
    if (part != ".." && part != "." && !part.empty()) ++depth;
    if (depth < 0) return true;
  }
  return false;
}

bool is_executable(fs::perms permissions) {
  return (permissions & fs::perms::owner_exec) != fs::perms::none;
}

Result<Json> describe_file(const Node& node, const fs::path& path, const fs::file_status& status) {
  return Json{{"type", "file"},
              {"executable", is_executable(status.permissions())},
              {"sha256", REBURST_TRY(input_digest(node, path))}};
}

Result<Json> describe_link(const Node& node, const fs::path& path, const fs::path& relative) {
  std::error_code error;
  const auto target = fs::read_symlink(path, error);
  if (error) return fail_at(node.mark, "cannot read the link " + in_quotes(relative.string()) + ": " + error.message());
  if (find_invalid_utf8(target.string()) || find_control(target.string())) {
    return fail_at(node.mark, "the link " + in_quotes(relative.string()) + " has a target that is not plain UTF-8",
                   "give it another target");
  }
  if (leads_out(relative, target)) {
    return fail_at(node.mark,
                   "the link " + in_quotes(relative.string()) + " leads out of " + in_quotes(node.scalar) + ", to " +
                       in_quotes(target.string()),
                   "point it inside the folder, or at an absolute path of the image");
  }
  return Json{{"type", "link"}, {"target", target.string()}};
}

Result<Json> describe_entry(const Node& node, const fs::path& path, const fs::path& relative) {
  const auto name = relative.generic_string();
  if (find_invalid_utf8(name) || find_control(name) || name.find('\n') != std::string::npos) {
    return fail_at(node.mark, in_quotes(node.scalar) + " holds a name that is not plain UTF-8",
                   "rename it: \"find . -name '*[^ -~]*'\" lists such names");
  }
  std::error_code error;
  const auto status = fs::symlink_status(path, error);
  Json entry;
  switch (status.type()) {
    case fs::file_type::regular: entry = REBURST_TRY(describe_file(node, path, status)); break;
    case fs::file_type::directory: entry = Json{{"type", "folder"}}; break;
    case fs::file_type::symlink: entry = REBURST_TRY(describe_link(node, path, relative)); break;
    default:
      return fail_at(node.mark,
                     in_quotes(name) + " in " + in_quotes(node.scalar) + " is neither a file, a folder nor a link",
                     "devices and sockets cannot be added to an image");
  }
  entry["path"] = name;
  return entry;
}

Result<Json> describe_folder(const Node& node, const fs::path& top) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator at(top, error), end; !error && at != end; at.increment(error)) {
    paths.push_back(at->path());
    if (paths.size() > kMaxEntries) {
      return fail_at(node.mark, in_quotes(node.scalar) + " holds more than " + std::to_string(kMaxEntries) + " files",
                     "make it a package");
    }
  }
  if (error)
    return fail_at(node.mark, "cannot list " + in_quotes(node.scalar) + ": " + error.message(),
                   "check its permissions");
  std::sort(paths.begin(), paths.end(), [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  Json entries = Json::array();
  for (const auto& path : paths)
    entries.push_back(REBURST_TRY(describe_entry(node, path, path.lexically_relative(top))));
  return Json{{"type", "folder"}, {"entries", std::move(entries)}};
}

}  // namespace

fs::path input_path(const Node& node) {
  auto path = (node.mark.source->folder / node.scalar).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

Result<fs::path> find_input_file(const Node& node, std::string_view what) {
  auto path = input_path(node);
  std::error_code error;
  const auto status = fs::status(path, error);
  if (!fs::exists(status)) return not_there(node, what);
  if (!fs::is_regular_file(status))
    return fail_at(node.mark, in_quotes(node.scalar) + " is not a file", "name one file");
  return path;
}

Result<std::string> input_digest(const Node& node, const fs::path& path) {
  const auto digest = sha256_file(path);
  if (!digest) return fail_at(node.mark, digest.error().message, digest.error().hint);
  return digest->hex();
}

Result<Json> describe_input(const Node& node) {
  const auto path = input_path(node);
  std::error_code error;
  const auto status = fs::symlink_status(path, error);
  if (!fs::exists(status)) return not_there(node, "file or folder");
  if (fs::is_symlink(status)) {
    return fail_at(node.mark, in_quotes(node.scalar) + " is a symbolic link",
                   "name the file or folder that it points to");
  }
  if (fs::is_regular_file(status)) return describe_file(node, path, status);
  if (fs::is_directory(status)) return describe_folder(node, path);
  return fail_at(node.mark, in_quotes(node.scalar) + " is neither a file nor a folder", "name a file or a folder");
}

}  // namespace reburst::recipe
