#include "cache/owner.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "cache/cache.hpp"

namespace reburst::cache {
namespace {

// Runs `work` in a child process that ends at once, as by a kill: no destructor runs. True when `work` was.
bool in_child(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

class OwnerTest : public testing::Test {
 protected:
  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "owner-test");
  fs::path root_ = folder_->path() / "cache";
  fs::path tmp_ = root_ / "tmp";
};

TEST_F(OwnerTest, AnotherOpenLeavesTheWorkOfTheLivingAlone) {
  const auto cache = Cache::open(root_);
  const auto temp = cache->make_temp("tree");
  ASSERT_TRUE(temp);
  ASSERT_TRUE(in_child([&] { return Cache::open(root_).has_value(); }));
  const auto other = Cache::open(root_);
  EXPECT_TRUE(fs::exists(temp->path()));
}

TEST_F(OwnerTest, OpenSweepsWhatTheDeadLeft) {
  ASSERT_TRUE(in_child([&] {
    const auto cache = Cache::open(root_);
    auto temp = cache->make_temp("tree");
    return write_file_atomic(temp->release() / "file", "content").has_value();
  }));
  ASSERT_EQ(entries(tmp_), 2U);  // the folder and its owner's file
  const auto cache = Cache::open(root_);
  EXPECT_EQ(entries(tmp_), 1U);  // this owner's file
}

TEST_F(OwnerTest, WhatCannotBeRemovedIsLeftForALaterOpen) {
  // Root may remove everything: an ordinary user's view, as of files that belong to a user namespace.
  ASSERT_EQ(::chmod(folder_->path().c_str(), 0777), 0);
  const auto as_user = [](const std::function<bool()>& work) {
    return in_child([&] { return (::geteuid() != 0 || ::setuid(65534) == 0) && work(); });
  };
  fs::path stuck;
  ASSERT_TRUE(as_user([&] {
    const auto cache = Cache::open(root_);
    auto temp = cache->make_temp("tree");
    return write_file_atomic(temp->path() / "file", "content").has_value() && ::chmod(temp->path().c_str(), 0555) == 0;
  }));
  for (const auto& entry : fs::directory_iterator(tmp_)) {
    if (entry.is_directory()) stuck = entry.path();
  }
  ASSERT_TRUE(as_user([&] { return Cache::open(root_).has_value(); }));
  EXPECT_TRUE(fs::exists(stuck / "file"));
  ASSERT_EQ(::chmod(stuck.c_str(), 0755), 0);
  ASSERT_TRUE(as_user([&] { return Cache::open(root_).has_value(); }));
  EXPECT_FALSE(fs::exists(stuck));
}

TEST_F(OwnerTest, ManyProcessesMayOpenAtOnce) {
  constexpr int kProcesses = 16;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    if (child != 0) {
      children.push_back(child);
      continue;
    }
    bool ok = true;
    for (int round = 0; round < 10 && ok; ++round) {
      auto cache = Cache::open(root_);
      auto temp = cache->make_temp("work");
      ok = cache && temp && write_file_atomic(temp->path() / "file", "mine") &&
           *read_file(temp->path() / "file", 10) == "mine" &&
           cache->put_blob("shared " + std::to_string(round)).has_value();
      if (round == 9 && i % 2 == 0) (void)temp->release();  // left behind, as by a kill
    }
    ::_exit(ok ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const auto cache = Cache::open(root_);
  EXPECT_EQ(entries(tmp_), 1U);
  for (int round = 0; round < 10; ++round) {
    EXPECT_TRUE(*cache->verify_blob(sha256("shared " + std::to_string(round))));
  }
}

}  // namespace
}  // namespace reburst::cache
