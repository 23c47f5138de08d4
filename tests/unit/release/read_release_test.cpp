#include <gtest/gtest.h>

#include <atomic>
#include <map>

#include "core/file.hpp"
#include "core/json.hpp"
#include "registry/release/release.hpp"

namespace reburst::registry {
namespace {

constexpr const char* kDisk = "web_20261121T161027Z.raw";

// A folder as build makes one, whose manifest has the root hash of kRoot.
class ReadRelease : public testing::Test {
 protected:
  static Digest root() { return sha256("root"); }

  void SetUp() override {
    put(kDisk, "disk");
    put("web.lock", "lock");
    write({{"disk", kDisk}, {"uki", "web.lock"}});
  }
  [[nodiscard]] fs::path at(const std::string& name) const { return folder_->path() / name; }
  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file_atomic(at(name), text));
    files_[name] = text;
  }
  // manifest.json and SHA256SUMS.
  void write(const std::map<std::string, std::string>& artifacts) {
    Json list = Json::array();
    for (const auto& [kind, name] : artifacts) {
      list.push_back({{"kind", kind},
                      {"name", name},
                      {"size", files_.at(name).size()},
                      {"sha256", sha256(files_.at(name)).hex()}});
    }
    put("manifest.json", canonical_json({{"manifest", 1},
                                         {"role", "web"},
                                         {"version", "20261121T161027Z"},
                                         {"architecture", "amd64"},
                                         {"root_hash", root().hex()},
                                         {"lock_sha256", sha256("lock").hex()},
                                         {"artifacts", list}}));
    std::string sums;
    for (const auto& [name, text] : files_) sums += sha256(text).hex() + "  " + name + "\n";
    ASSERT_TRUE(write_file_atomic(at("SHA256SUMS"), sums));
  }
  Result<Release> read(const Result<Digest>& computed) {
    asked_ = 0;
    return read_release(
        folder_->path(),
        [&](const fs::path& disk) {
          EXPECT_EQ(disk, at(kDisk));
          ++asked_;
          return computed;
        },
        2);
  }
  static void refused(const Result<Release>& result, ErrorCode code, const std::string& message,
                      const std::string& hint) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code);
    EXPECT_EQ(result.error().message, message);
    EXPECT_EQ(result.error().hint, hint);
  }

  std::atomic<int> asked_ = 0;

 private:
  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "release-test");
  std::map<std::string, std::string> files_;
};

TEST_F(ReadRelease, AsksTheDiskForItsRootHash) {
  const auto release = read(root());
  ASSERT_TRUE(release) << release.error().message;
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(release->root_hash, root());
  std::vector<std::string> names;
  for (const auto& file : release->files) names.push_back(file.name);
  EXPECT_EQ(names, (std::vector<std::string>{"SHA256SUMS", "manifest.json", "web.lock", kDisk}));
  EXPECT_EQ(find_kind(*release, "disk")->sha256, sha256("disk"));
}

TEST_F(ReadRelease, ADiskOfAnotherRootHashIsRefused) {
  const auto other = sha256("other");
  refused(read(other), ErrorCode::kIntegrity,
          "\"" + at(kDisk).string() +
              "\" is not the disk that manifest.json names: its root hash differs\n  expected: " + root().hex() +
              "\n  found:    " + other.hex(),
          "build the role again");
}

TEST_F(ReadRelease, ADiskThatHasNoRootHashIsRefused) {
  refused(read(fail(ErrorCode::kIntegrity, "the disk has no whole partition table")), ErrorCode::kIntegrity,
          "\"" + at(kDisk).string() + "\" is no disk that can be published: the disk has no whole partition table",
          "build the role again");
}

TEST_F(ReadRelease, ADiskThatCannotBeReadIsNotCalledWrong) {
  refused(read(fail(ErrorCode::kIo, "cannot read it", "look at the disk")), ErrorCode::kIo, "cannot read it",
          "look at the disk");
}

TEST_F(ReadRelease, WhatTheSumsSayOfTheDiskIsToldFirst) {
  ASSERT_TRUE(write_file_atomic(at(kDisk), "other"));
  refused(read(sha256("other")), ErrorCode::kIntegrity,
          "\"" + at(kDisk).string() + "\" is not the file that SHA256SUMS names\n  expected: " + sha256("disk").hex() +
              "\n  found:    " + sha256("other").hex(),
          "build the role again");
}

TEST_F(ReadRelease, WithoutADiskNothingIsAsked) {
  write({{"uki", "web.lock"}});
  EXPECT_TRUE(read(sha256("other")));
  EXPECT_EQ(asked_, 0);
}

}  // namespace
}  // namespace reburst::registry
