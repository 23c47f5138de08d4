#include "builder/tree/skip.hpp"

#include <algorithm>
#include <array>

namespace reburst::tree {
namespace {

constexpr std::string_view kDoc = "usr/share/doc/";
constexpr std::string_view kLocale = "usr/share/locale/";
constexpr std::string_view kMan = "usr/share/man/";
constexpr std::array<std::string_view, 6> kUnneeded = {
    kDoc, "usr/share/bug/", "usr/share/info/", "usr/share/lintian/", kLocale, kMan};

// /usr/share/doc/PACKAGE is kept, be it a folder or a link to another package's, and so is the copyright file in it;
// the sections of the manual are, since alternatives have links there, and what locale-gen reads.
bool kept(std::string_view folder, const Entry& entry) {
  const auto inside = std::string_view(entry.path).substr(folder.size());
  const bool top = inside.find('/') == std::string_view::npos;
  if (folder == kDoc) return top || inside.ends_with("/copyright");
  if (folder == kLocale) return inside == "locale.alias";
  return folder == kMan && top && entry.type == EntryType::kDirectory;
}

}  // namespace

Skip::Skip(const std::vector<std::string>& exclude) {
  for (const std::string_view folder : kUnneeded) {
    const bool excluded = std::any_of(exclude.begin(), exclude.end(), [&](const std::string& path) {
      return ("/" + std::string(folder)).starts_with(path + "/");
    });
    if (excluded) folders_.push_back(folder);
  }
}

bool Skip::skips(const Entry& entry) const {
  const auto folder = std::find_if(folders_.begin(), folders_.end(),
                                   [&](std::string_view prefix) { return entry.path.starts_with(prefix); });
  return folder != folders_.end() && !kept(*folder, entry);
}

bool Skip::needs_all(const Entry& entry) const {
  const bool doc = std::find(folders_.begin(), folders_.end(), kDoc) != folders_.end();
  return doc && entry.type == EntryType::kSymlink && entry.path.starts_with(kDoc) && entry.path.ends_with("/copyright");
}

}  // namespace reburst::tree
