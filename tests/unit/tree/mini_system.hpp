#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/text.hpp"
#include "tests/unit/tree/deb_builder.hpp"

namespace reburst::testing {

// An Essential package with just enough of the machine's own programs for dpkg to configure packages: a real dpkg and
// a real shell in a tree of a few megabytes.
inline DebText mini_system() {
  DebText deb;
  deb.name = "mini";
  deb.fields = "Essential: yes\n";
  std::set<std::string> folders;
  std::set<std::string> files;
  const auto add_folders = [&](const std::filesystem::path& path) {
    std::filesystem::path folder;
    for (const auto& part : path.parent_path()) {
      folder /= part;
      if (folders.insert(folder.string()).second) {
        deb.data.push_back(
            {.name = "./" + folder.string() + "/", .content = {}, .type = '5', .link = {}, .mode = 0755});
      }
    }
  };
  const auto add = [&](const std::string& host, std::string inner) {
    if (inner.starts_with("/lib")) inner = "/usr" + inner;
    inner.erase(0, 1);
    if (!files.insert(inner).second) return;
    add_folders(inner);
    deb.data.push_back(
        {.name = "./" + inner, .content = *read_file(host, 1U << 28U), .type = '0', .link = {}, .mode = 0755});
  };
  for (const char* name : {"sh", "dpkg", "dpkg-deb", "dpkg-query", "dpkg-divert", "dpkg-trigger", "rm", "mv", "tar",
                           "diff", "ldconfig", "start-stop-daemon", "cat", "uname"}) {
    const auto program = find_program(name);
    if (!program) continue;
    add(std::filesystem::canonical(*program).string(), "/usr/bin/" + std::string(name));
    const auto libraries = run({.argv = {"ldd", program->string()}});
    for (const std::string_view word : split_words(libraries ? libraries->out : std::string())) {
      if (word.starts_with('/') && word.find("lib") != std::string_view::npos)
        add(std::filesystem::canonical(word).string(), std::string(word));
    }
  }
  for (const char* folder : {"etc", "dev", "proc", "sys", "tmp", "run", "root", "var/log", "var/lib/dpkg"})
    add_folders(std::filesystem::path(folder) / "x");
  return deb;
}

}  // namespace reburst::testing
