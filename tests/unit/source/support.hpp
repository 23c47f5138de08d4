#pragma once

#include <gtest/gtest.h>

#include <mutex>

#include "builder/source/open_archive.hpp"
#include "tests/support/archive/test_archive.hpp"
#include "tests/support/http/test_server.hpp"

namespace reburst::source {

class Notes final : public Progress {
 public:
  void begin(std::string_view stage, std::uint64_t /*total*/, Unit /*unit*/) override { stages.emplace_back(stage); }
  void advance(std::uint64_t /*by*/) override {}
  void note(std::string_view line) override {
    const std::lock_guard lock(mutex_);
    lines.emplace_back(line);
  }
  std::vector<std::string> stages, lines;

 private:
  std::mutex mutex_;
};

// A signed archive in a folder, a cache, and what it takes to open the one into the other.
class ArchiveTest : public testing::Test {
 protected:
  ArchiveTest() { test::put_file(keyring_, signer_.export_key(key_, false)); }

  // Writes the archive and signs its Release file.
  void publish() { sign(archive_.write(mirror_)); }
  void sign(const std::string& release) { test::put_file(dists() / "InRelease", signer_.clear_sign(release, {key_})); }
  fs::path dists() const { return mirror_ / "dists" / archive_.codename; }

  Repository repository() const {
    return {.uri = uri_, .suite = archive_.codename, .components = archive_.components, .keyrings = {keyring_}};
  }
  Result<Archive> open() { return open(repository()); }
  Result<Archive> open(const Repository& repository) { return open_archive({repository}, *cache_, options_, notes_); }

  void refuses(ErrorCode code, const std::string& text) {
    const auto archive = open();
    ASSERT_FALSE(archive);
    EXPECT_EQ(archive.error().code, code);
    EXPECT_EQ(archive.error().render(), text);
  }

  static OpenOptions quick_options() {
    OpenOptions options;
    options.fetch.backoff_ms = 5;
    options.fetch.retries = 2;
    options.architecture = "amd64";
    options.now = *parse_iso_time("2026-07-12T00:00:00Z");
    return options;
  }

  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "archive-test");
  fs::path mirror_ = folder_->path() / "mirror";
  fs::path keyring_ = folder_->path() / "archive.gpg";
  std::string uri_ = "file://" + mirror_.string();
  Result<cache::Cache> cache_ = cache::Cache::open(folder_->path() / "cache");
  test::Signer signer_;
  std::string key_ = signer_.make_key("archive@example.org");
  test::TestArchive archive_;
  OpenOptions options_ = quick_options();
  Notes notes_;
};

}  // namespace reburst::source
