// tree_compare OURS THEIRS DIFFERENCES: compares two trees entry by entry — type, mode, owner, group, device numbers,
// extended attributes, link targets, content — and prints what differs and is not excused by a row of DIFFERENCES, the
// table of docs/reference/tree-differences.md:   | `path or pattern` | ours, theirs, content, order, mode or any |
// reason |
// ("order": the same lines in another order). Patterns| reason |
// Patterns are those of fnmatch(3) without special slashes. Exit status 1 when something is not excused.
#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "core/digest.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

namespace {

using namespace reburst;

struct Excuse {
  std::string pattern, aspect;
  std::size_t used = 0;
};

struct Description {
  std::string mode;     // type, permission bits, owner, group, device
  std::string content;  // digest, link target, attributes
};
using Tree = std::map<std::string, Description>;

std::string attributes(const std::string& path) {
  std::array<char, 65536> names{};
  const ssize_t length = ::llistxattr(path.c_str(), names.data(), names.size());
  std::string text;
  for (ssize_t at = 0; at < length;) {
    const std::string name = names.data() + at;
    std::array<char, 65536> value{};
    const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
    text += " " + name + "=" +
            to_hex(std::as_bytes(std::span(value.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)))));
    at += static_cast<ssize_t>(name.size()) + 1;
  }
  return text;
}

Description describe(const std::string& path, const struct stat& info) {
  Description description;
  std::array<char, 128> text{};
  (void)std::snprintf(text.data(), text.size(), "%06o %u:%u", info.st_mode, info.st_uid, info.st_gid);
  description.mode = text.data();
  if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode))
    description.mode += " device " + std::to_string(major(info.st_rdev)) + ":" + std::to_string(minor(info.st_rdev));
  if (S_ISREG(info.st_mode)) {
    const auto digest = sha256_file(path);
    description.content = digest ? digest->hex() : digest.error().message;
  }
  if (S_ISLNK(info.st_mode)) description.content = "-> " + std::filesystem::read_symlink(path).string();
  description.content += attributes(path);
  return description;
}

void read_tree(const std::string& root, const std::string& below, Tree& tree) {
  DIR* stream = ::opendir((root + below).c_str());
  if (stream == nullptr) throw std::runtime_error("cannot list " + root + below);
  while (const dirent* entry = ::readdir(stream)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::string path = below + "/" + name;
    struct stat info {};
    if (::lstat((root + path).c_str(), &info) != 0) throw std::runtime_error("cannot examine " + root + path);
    tree[path] = describe(root + path, info);
    if (S_ISDIR(info.st_mode)) read_tree(root, path, tree);
  }
  ::closedir(stream);
}

std::vector<Excuse> read_excuses(const char* file) {
  std::vector<Excuse> excuses;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto cells = split(line, '|');
    if (cells.size() != 5 || !trim(cells[1]).starts_with('`')) continue;
    std::string_view pattern = trim(cells[1]);
    pattern = pattern.substr(1, pattern.size() - 2);
    if (trim(cells[3]).empty()) throw std::runtime_error("a difference without a reason: " + line);
    excuses.push_back({std::string(pattern), std::string(trim(cells[2]))});
  }
  if (excuses.empty()) throw std::runtime_error("no differences are documented; wrong file?");
  return excuses;
}

bool same_lines(const std::string& ours, const std::string& theirs) {
  const auto left = read_file(ours, 1U << 26U);
  const auto right = read_file(theirs, 1U << 26U);
  if (!left || !right) return false;
  auto left_lines = split(*left, '\n');
  auto right_lines = split(*right, '\n');
  std::sort(left_lines.begin(), left_lines.end());
  std::sort(right_lines.begin(), right_lines.end());
  return left_lines == right_lines;
}

bool excused(std::vector<Excuse>& excuses, const std::string& path, const std::string& aspect) {
  for (Excuse& excuse : excuses) {
    if ((excuse.aspect == aspect || excuse.aspect == "any") &&
        ::fnmatch(excuse.pattern.c_str(), path.c_str(), 0) == 0) {
      ++excuse.used;
      return true;
    }
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  Tree ours;
  Tree theirs;
  read_tree(argv[1], "", ours);
  read_tree(argv[2], "", theirs);
  std::vector<Excuse> excuses = read_excuses(argv[3]);
  std::size_t unexcused = 0;
  const auto report = [&](const std::string& path, const std::string& aspect, const std::string& detail) {
    if (excused(excuses, path, aspect)) return;
    ++unexcused;
    std::cout << aspect << " " << path << " " << detail << "\n";
  };
  for (const auto& [path, mine] : ours) {
    const auto found = theirs.find(path);
    if (found == theirs.end()) {
      report(path, "ours", mine.mode);
      continue;
    }
    if (mine.mode != found->second.mode) report(path, "mode", mine.mode + " against " + found->second.mode);
    if (mine.content != found->second.content)
      report(path, same_lines(argv[1] + path, argv[2] + path) ? "order" : "content",
             mine.content + " against " + found->second.content);
  }
  for (const auto& [path, other] : theirs) {
    if (!ours.contains(path)) report(path, "theirs", other.mode);
  }
  for (const Excuse& excuse : excuses) {
    if (excuse.used > 0)
      std::cerr << "excused " << excuse.used << " × " << excuse.pattern << " (" << excuse.aspect << ")\n";
  }
  std::cerr << ours.size() << " entries against " << theirs.size() << ", " << unexcused
            << " differences that are not documented\n";
  return unexcused == 0 ? 0 : 1;
}
