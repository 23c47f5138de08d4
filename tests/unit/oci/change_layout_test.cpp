#include <sys/stat.h>

#include "tests/unit/oci/support.hpp"

namespace reburst::oci {
namespace {

class ChangeLayout : public testing::Test {
 protected:
  bool has(const Digest& digest) { return fs::exists(blob_path(layout_, digest)); }
  std::size_t blobs() {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(blobs_folder(layout_)), {}));
  }
  std::map<std::string, Digest> tags() {
    auto found = check_layout(layout_, 1);
    EXPECT_TRUE(found) << found.error().render();
    return found.value_or(std::map<std::string, Digest>{});
  }

  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "oci-test");
  fs::path layout_ = folder_->path() / "oci";
  Release release_ = sample_release(folder_->path());
  std::string subject_ = "sha256-" + release_.manifest.sha256.hex();
};

TEST_F(ChangeLayout, AddsTheReleaseItsReferrersAndTheirIndex) {
  ASSERT_TRUE(add_to_layout(layout_, release_));
  EXPECT_EQ(*read_file(layout_ / "oci-layout", 100), "{\"imageLayoutVersion\":\"1.0.0\"}\n");
  const auto found = tags();
  EXPECT_EQ(found.size(), 5U);
  EXPECT_EQ(found.at("stable"), release_.manifest.sha256);
  EXPECT_EQ(found.at("20261121T161027Z"), release_.manifest.sha256);
  EXPECT_TRUE(found.contains(subject_ + ".signature"));
  EXPECT_TRUE(found.contains(subject_ + ".provenance"));
  const auto fallback = parse_index(*read_file(blob_path(layout_, found.at(subject_)), 10'000), "fallback");
  ASSERT_EQ(fallback->manifests.size(), 2U);
  EXPECT_EQ(fallback->manifests[0].sha256, found.at(subject_ + ".signature"));
  EXPECT_EQ(fallback->manifests[0].artifact_type, kBundleType);
  EXPECT_EQ(fallback->manifests[1].annotations.at("dev.sigstore.bundle.predicateType"),
            "https://slsa.dev/provenance/v1");
}

TEST_F(ChangeLayout, LinksFilesAndWritesNothingTwice) {
  ASSERT_TRUE(add_to_layout(layout_, release_));
  const Layer& disk = release_.layers[0];
  EXPECT_TRUE(fs::equivalent(disk.file, blob_path(layout_, disk.sha256)));
  const auto index = *read_file(layout_ / "index.json", 100'000);
  const auto before = blobs();
  struct stat first {
  }, second{};
  ASSERT_EQ(::stat(blob_path(layout_, release_.manifest.sha256).c_str(), &first), 0);
  ASSERT_TRUE(add_to_layout(layout_, release_));
  ASSERT_EQ(::stat(blob_path(layout_, release_.manifest.sha256).c_str(), &second), 0);
  EXPECT_EQ(first.st_ino, second.st_ino);
  EXPECT_EQ(*read_file(layout_ / "index.json", 100'000), index);
  EXPECT_EQ(blobs(), before);
}

TEST_F(ChangeLayout, CopiesFromAnotherFileSystem) {
  const auto elsewhere = TempDirectory::make("/dev/shm", "oci-test");
  ASSERT_TRUE(elsewhere) << elsewhere.error().render();
  const Release release = sample_release(elsewhere->path());
  ASSERT_TRUE(add_to_layout(layout_, release));
  EXPECT_FALSE(fs::equivalent(release.layers[0].file, blob_path(layout_, release.layers[0].sha256)));
  EXPECT_EQ(tags().at("stable"), release.manifest.sha256);
}

TEST_F(ChangeLayout, MendsABlobThatIsWrong) {
  ASSERT_TRUE(make_directories(blobs_folder(layout_)));
  ASSERT_TRUE(write_file_atomic(blob_path(layout_, release_.layers[0].sha256), "half"));
  ASSERT_TRUE(
      write_file_atomic(blob_path(layout_, release_.layers[1].sha256), std::string(release_.layers[1].size, 'x')));
  ASSERT_TRUE(write_file_atomic(blob_path(layout_, release_.manifest.sha256), "half"));
  ASSERT_TRUE(add_to_layout(layout_, release_));
  EXPECT_EQ(tags().at("stable"), release_.manifest.sha256);
}

TEST_F(ChangeLayout, MovesATagToTheNextReleaseAndKeepsTheFirst) {
  ASSERT_TRUE(add_to_layout(layout_, release_));
  const Release next = sample_release(folder_->path(), "20261222T000000Z");
  ASSERT_TRUE(add_to_layout(layout_, next));
  EXPECT_EQ(tags().at("stable"), next.manifest.sha256);
  EXPECT_EQ(tags().at("20261121T161027Z"), release_.manifest.sha256);
  ASSERT_TRUE(set_tag(layout_, "stable", release_.manifest.sha256));
  EXPECT_EQ(tags().at("stable"), release_.manifest.sha256);
}

TEST_F(ChangeLayout, ReplacesAReferrerByName) {
  ASSERT_TRUE(add_to_layout(layout_, release_));
  const auto before = tags();
  Release again = release_;
  again.referrers = {{"signature", "https://sigstore.dev/cosign/sign/v1", "{\"bundle\":\"new\"}"},
                     {"spdx", "https://spdx.dev/Document", "{\"bundle\":\"spdx\"}"}};
  ASSERT_TRUE(add_to_layout(layout_, again));
  const auto after = tags();
  EXPECT_NE(after.at(subject_ + ".signature"), before.at(subject_ + ".signature"));
  EXPECT_EQ(after.at(subject_ + ".provenance"), before.at(subject_ + ".provenance"));
  const auto fallback = parse_index(*read_file(blob_path(layout_, after.at(subject_)), 10'000), "fallback");
  ASSERT_EQ(fallback->manifests.size(), 3U);
  EXPECT_EQ(find_manifest(*fallback, before.at(subject_ + ".signature")), nullptr);
  EXPECT_TRUE(has(before.at(subject_ + ".signature")));  // a reader may be at it: the next removal sweeps it
  ASSERT_TRUE(remove_from_layout(layout_, {}));
  EXPECT_FALSE(has(before.at(subject_ + ".signature")));
}

TEST_F(ChangeLayout, KeepsAManifestThatLosesItsTags) {
  ASSERT_TRUE(add_to_layout(layout_, release_));
  for (const auto* tag : {"stable", "20261121T161027Z", "never-there"})
    ASSERT_TRUE(set_tag(layout_, tag, std::nullopt));
  EXPECT_FALSE(tags().contains("stable"));
  ASSERT_TRUE(remove_from_layout(layout_, {}));
  EXPECT_TRUE(has(release_.manifest.sha256));
  ASSERT_TRUE(set_tag(layout_, "dev", release_.manifest.sha256));
  EXPECT_EQ(tags().at("dev"), release_.manifest.sha256);
}

TEST_F(ChangeLayout, ListsItsReleasesAndTags) {
  EXPECT_TRUE(list_releases(layout_)->empty());
  EXPECT_TRUE(read_tags(layout_)->empty());
  ASSERT_TRUE(add_to_layout(layout_, release_));
  for (const auto* tag : {"stable", "20261121T161027Z"}) ASSERT_TRUE(set_tag(layout_, tag, std::nullopt));
  EXPECT_EQ(*list_releases(layout_), std::vector<Digest>{release_.manifest.sha256});
  EXPECT_EQ(read_tags(layout_)->size(), 3U);
  EXPECT_EQ(*read_tags(layout_), tags());
}

TEST_F(ChangeLayout, RemovesAReleaseWithItsReferrersAndNothingOfAnother) {
  ASSERT_TRUE(add_to_layout(layout_, release_));
  Release next = sample_release(folder_->path(), "20261222T000000Z");
  next.layers.push_back(release_.layers[0]);  // the two share a file
  next.manifest = make_manifest(next.layers, {});
  ASSERT_TRUE(add_to_layout(layout_, next));
  const auto before = tags();
  ASSERT_TRUE(write_file_atomic(blobs_folder(layout_) / ".left-over", "by a writer that was killed"));
  ASSERT_TRUE(remove_from_layout(layout_, {release_.manifest.sha256}));
  const auto after = tags();
  EXPECT_EQ(after.size(), 5U);
  EXPECT_FALSE(has(release_.manifest.sha256));
  EXPECT_FALSE(has(before.at(subject_)));
  EXPECT_FALSE(has(before.at(subject_ + ".signature")));
  EXPECT_FALSE(has(sha256(release_.referrers[0].bundle)));
  EXPECT_TRUE(has(release_.layers[0].sha256));
  EXPECT_TRUE(has(sha256(kEmptyConfig)));
  EXPECT_EQ(blobs(), 3U + 1 + 1 + 1 + 4);  // layers, config, manifest, index, two referrers of two blobs
  ASSERT_TRUE(remove_from_layout(layout_, {next.manifest.sha256}));
  EXPECT_EQ(blobs(), 0U);
  EXPECT_TRUE(tags().empty());
}

TEST_F(ChangeLayout, RemovesNothingWhenAManifestIsWrong) {
  ASSERT_TRUE(add_to_layout(layout_, release_));
  const Release next = sample_release(folder_->path(), "20261222T000000Z");
  ASSERT_TRUE(add_to_layout(layout_, next));
  const auto index = *read_file(layout_ / "index.json", 100'000);
  const auto before = blobs();
  ASSERT_TRUE(write_file_atomic(blob_path(layout_, next.manifest.sha256), "wrong"));
  const auto removed = remove_from_layout(layout_, {release_.manifest.sha256});
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(blobs(), before);
  EXPECT_EQ(*read_file(layout_ / "index.json", 100'000), index);
}

TEST_F(ChangeLayout, RefusesWhatIsNoRelease) {
  struct Case {
    std::function<void(Release&)> change;
    ErrorCode code;
    std::string text;
  };
  const std::string tag_hint =
      "\n  hint: use at most 128 letters, digits, \"_\", \".\" and \"-\", and do not begin with \"sha256-\"";
  const std::string name_hint =
      "\n  hint: use up to 48 lower-case letters, digits, \"-\" and \"_\", and each name once";
  for (const auto& each :
       {Case{[](Release& r) { r.tags = {"a b"}; }, ErrorCode::kUsage,
             "cannot tag a release \"a b\": it is no tag of the OCI distribution-spec" + tag_hint},
        Case{[](Release& r) { r.tags = {"sha256-abc"}; }, ErrorCode::kUsage,
             "cannot tag a release \"sha256-abc\": it is no tag of the OCI distribution-spec" + tag_hint},
        Case{[](Release& r) { r.referrers[0].name = "A"; }, ErrorCode::kUsage,
             "cannot name a referrer \"A\": it cannot be part of a tag" + name_hint},
        Case{[](Release& r) { r.referrers[0].name = r.referrers[1].name; }, ErrorCode::kUsage,
             "cannot name a referrer \"provenance\": another has that name" + name_hint},
        Case{[](Release& r) { r.manifest.text += " "; }, ErrorCode::kIntegrity,
             "cannot accept the manifest of the release: it is not made of the release's layers"},
        Case{[](Release& r) { r.layers.pop_back(); }, ErrorCode::kIntegrity,
             "cannot accept the manifest of the release: it is not made of the release's layers"},
        Case{[](Release& r) { r.manifest.sha256 = sha256("x"); }, ErrorCode::kIntegrity,
             "cannot accept the manifest of the release: it is not made of the release's layers"}}) {
    Release release = release_;
    each.change(release);
    const auto added = add_to_layout(layout_, release);
    ASSERT_FALSE(added) << each.text;
    EXPECT_EQ(added.error().render(), each.text);
    EXPECT_EQ(added.error().code, each.code);
    EXPECT_FALSE(fs::exists(layout_));
  }
}

TEST_F(ChangeLayout, RefusesAFileOfAnotherSize) {
  ASSERT_TRUE(write_file_atomic(release_.layers[0].file, "shorter"));
  const auto added = add_to_layout(layout_, release_);
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().message, "cannot publish \"" + release_.layers[0].file.string() +
                                       "\": wrong size\n  expected " + std::to_string(release_.layers[0].size) +
                                       "\n  actual   7");
  EXPECT_EQ(added.error().code, ErrorCode::kIntegrity);
  EXPECT_FALSE(fs::exists(layout_ / "index.json"));
}

TEST_F(ChangeLayout, RefusesATagThatNamesNoRelease) {
  ASSERT_TRUE(add_to_layout(layout_, release_));
  const auto bad = set_tag(layout_, subject_, release_.manifest.sha256);
  EXPECT_EQ(bad.error().message, "cannot set the tag \"" + subject_ + "\": it is no tag of a release");
  EXPECT_EQ(bad.error().code, ErrorCode::kUsage);
  const auto unknown = set_tag(layout_, "stable", sha256("unknown"));
  EXPECT_EQ(unknown.error().message, "cannot tag \"" + digest_text(sha256("unknown")) +
                                         "\" as \"stable\": the OCI layout \"" + layout_.string() +
                                         "\" has no such manifest");
  EXPECT_EQ(unknown.error().code, ErrorCode::kMissing);
  EXPECT_EQ(set_tag(folder_->path() / "none", "stable", std::nullopt).error().code, ErrorCode::kMissing);
  EXPECT_EQ(remove_from_layout(folder_->path() / "none", {}).error().code, ErrorCode::kMissing);
}

}  // namespace
}  // namespace reburst::oci
