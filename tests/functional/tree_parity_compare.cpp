// tree_compare OURS THEIRS DIFFERENCES: compares two trees entry by entry — type, mode, owner, group, device numbers,
// extended attributes, link targets, content — and prints what differs and is not excused by a row of DIFFERENCES, the
// table of docs/reference/tree-differences.md:   | `path or pattern` | what may differ | reason |
// Patterns are those of fnmatch(3) without special slashes. What may differ:
//   ours, theirs, content, mode, any
//   order                           the same lines in another order
//   theirs -> `NAME`                as theirs, and it is a link to NAME
//   lines `PATTERN`, `PATTERN`…     content, and without the lines that match it is the same. In a file of paragraphs a
//                                   line is known by the paragraph's first line too: `Name: x > Value: *`
// Exit status 1 when something is not excused.
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
  std::vector<std::string> but;  // a link's target, or the lines that may differ
  std::size_t used = 0;
};

// What one entry differs in.
struct Difference {
  std::string path, aspect, detail;
  std::string ours, theirs;  // the files that are compared
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

// "lines `a`, `b`" is an aspect and what stands in backticks.
Excuse read_excuse(std::string_view pattern, std::string_view what) {
  const auto words = split(what, '`');
  Excuse out{std::string(pattern.substr(1, pattern.size() - 2)), std::string(trim(words[0])), {}};
  for (std::size_t i = 1; i < words.size(); i += 2) out.but.emplace_back(words[i]);
  return out;
}

std::vector<Excuse> read_excuses(const char* file) {
  std::vector<Excuse> excuses;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto cells = split(line, '|');
    if (cells.size() != 5 || !trim(cells[1]).starts_with('`')) continue;
    if (trim(cells[3]).empty()) throw std::runtime_error("a difference without a reason: " + line);
    auto excuse = read_excuse(trim(cells[1]), trim(cells[2]));
    constexpr std::array kPlain = {"ours", "theirs", "content", "order", "mode", "any"};
    const bool plain = std::find(kPlain.begin(), kPlain.end(), excuse.aspect) != kPlain.end();
    const bool limited = excuse.aspect == "theirs ->" || excuse.aspect == "lines";
    if (plain != excuse.but.empty() || plain == limited)
      throw std::runtime_error("nothing is known that may differ so: " + line);
    excuses.push_back(std::move(excuse));
  }
  if (excuses.empty()) throw std::runtime_error("no differences are documented; wrong file?");
  return excuses;
}

constexpr std::uint64_t kMaxText = 1U << 26U;

bool same_lines(const std::string& ours, const std::string& theirs) {
  const auto left = read_file(ours, kMaxText);
  const auto right = read_file(theirs, kMaxText);
  if (!left || !right) return false;
  auto left_lines = split(*left, '\n');
  auto right_lines = split(*right, '\n');
  std::sort(left_lines.begin(), left_lines.end());
  std::sort(right_lines.begin(), right_lines.end());
  return left_lines == right_lines;
}

bool matches(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

// A file without the lines that match one of the patterns.
std::string without(const std::string& file, const std::vector<std::string>& patterns) {
  std::string out;
  std::string first;  // of the paragraph
  const auto text = read_file(file, kMaxText).value();
  for (const auto part : split(text, '\n')) {
    const std::string line(part);
    if (first.empty()) first = line;
    if (line.empty()) first.clear();
    const bool dropped = std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
      return matches(pattern, line) || matches(pattern, first + " > " + line);
    });
    if (!dropped) out += line + "\n";
  }
  return out;
}

bool excuses(const Excuse& excuse, const Difference& difference) {
  if (!matches(excuse.pattern, difference.path)) return false;
  if (excuse.aspect == "theirs ->") {
    std::error_code not_a_link;
    return difference.aspect == "theirs" && fs::read_symlink(difference.theirs, not_a_link) == excuse.but.front();
  }
  if (excuse.aspect == "lines")
    return difference.aspect == "content" &&
           without(difference.ours, excuse.but) == without(difference.theirs, excuse.but);
  return excuse.aspect == difference.aspect || excuse.aspect == "any";
}

bool excused(std::vector<Excuse>& list, const Difference& difference) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Excuse& excuse) { return excuses(excuse, difference); });
  if (found != list.end()) ++found->used;
  return found != list.end();
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
    if (excused(excuses, {path, aspect, detail, argv[1] + path, argv[2] + path})) return;
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
