#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <list>
#include <map>

#include "builder/tree/tree.hpp"
#include "core/digest.hpp"
#include "core/file.hpp"
#include "core/time.hpp"
#include "tests/unit/tree/mini_system.hpp"

namespace reburst::testing {

inline TarEntry folder(const std::string& name, unsigned mode = 0755) {
  return {.name = name, .content = {}, .type = '5', .link = {}, .mode = mode};
}
inline TarEntry script(const std::string& kind, const std::string& body) {
  return {.name = "./" + kind, .content = "#!/bin/sh\nset -e\n" + body, .type = '0', .link = {}, .mode = 0755};
}

// The packages of a small system, and the tree that make_tree() makes of them.
class TreeFixture : public ::testing::Test {
 protected:
  TempDirectory temp_ = *TempDirectory::make("/tmp", "reburst-tree-test");
  std::list<lock::LockedPackage> locked_;
  std::vector<tree::PackageFile> files_;
  tree::TreeOptions options_{.work = temp_.path() / "work", .epoch = 1767225600, .jobs = 2, .provided = {}, .exclude = {}};
  recipe::Recipe recipe_;

  void SetUp() override {
    fs::create_directories(options_.work);
    add(mini_system());
  }

  void add(const DebText& deb) {
    lock::LockedPackage& locked = locked_.emplace_back();
    locked.name = deb.name;
    locked.version = deb.version;
    locked.architecture = deb.architecture;
    files_.push_back({&locked, write(temp_.path() / (deb.name + ".deb"), deb.text())});
  }

  Result<tree::Tree> make() { return tree::make_tree(recipe_, files_, options_, silent_progress()); }
  [[nodiscard]] fs::path root() const { return options_.work / "root"; }
  [[nodiscard]] std::string text(const std::string& path) const {
    return read_file(root() / path, 1U << 24U).value_or("(missing)");
  }

  void expect_failure(ErrorCode code, const std::string& message) {
    const auto tree = make();
    ASSERT_FALSE(tree);
    EXPECT_EQ(tree.error().code, code);
    EXPECT_EQ(tree.error().message, message);
  }

  // Every path with its mode, owner, target or digest.
  [[nodiscard]] std::map<std::string, std::string> listing() const {
    std::map<std::string, std::string> entries;
    for (const auto& entry : fs::recursive_directory_iterator(root())) {
      struct stat info {};
      EXPECT_EQ(::lstat(entry.path().c_str(), &info), 0);
      std::string line =
          std::to_string(info.st_mode) + " " + std::to_string(info.st_uid) + ":" + std::to_string(info.st_gid);
      if (entry.is_symlink())
        line += " -> " + fs::read_symlink(entry.path()).string();
      else if (entry.is_regular_file())
        line += " " + sha256_file(entry.path())->hex();
      entries[entry.path().string().substr(root().string().size())] = line;
    }
    return entries;
  }
};

}  // namespace reburst::testing
