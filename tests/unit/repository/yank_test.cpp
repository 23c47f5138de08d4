// What a yank leaves: in the channels, for garbage collection and for who publishes again.
#include "house.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/oci/oci.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"
#include "registry/repository/openpgp.hpp"
#include "registry/repository/upkeep.hpp"

namespace reburst::registry {
namespace {

const std::string kOne = "20261101T000000Z", kTwo = "20261102T000000Z", kThree = "20261103T000000Z";

// A registry whose publisher signs alone; its releases have a manifest, a chunk index and an OCI manifest.
class YankTest : public House {
 protected:
  void SetUp() override {
    House::SetUp();
    fs::remove_all(at("keys"));
    ASSERT_TRUE(signing::create_development_keys(at("keys")));
    ASSERT_TRUE(create_openpgp_key(at("keys") / "openpgp.key", "Test", kNow));
  }

  // What is in the chunk store for a version.
  [[nodiscard]] static chunks::Index index_of(const std::string& version) {
    chunks::ChunkId id;
    id.bytes[0] = static_cast<std::uint8_t>(version[7]);
    return {.size = 4096, .chunks = {{.offset = 0, .size = 4096, .id = id}}};
  }
  [[nodiscard]] fs::path chunk(const std::string& version) const {
    return registry() / "chunks" / index_of(version).chunks.front().id.path();
  }
  [[nodiscard]] fs::path blob(const std::string& version) const {
    return registry() / "oci/web/blobs/sha256" / sha256(manifest_text(version)).hex();
  }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> contents(const std::string& version) const {
    return {{"manifest.json", manifest_text(version)},
            {file_name("web", version, ".caibx"), chunks::to_bytes(index_of(version))}};
  }
  [[nodiscard]] fs::path stored(const std::string& channel, const std::string& version, std::size_t file) const {
    const auto [name, text] = contents(version).at(file);  // a copy: the list goes
    return registry() / stored_path(target_path("web", channel, version, name), sha256(text));
  }
  static std::string manifest_text(const std::string& version) {
    return canonical_json({{"manifest", 1},
                           {"role", "web"},
                           {"version", version},
                           {"architecture", "amd64"},
                           {"root_hash", std::string(64, '1')},
                           {"lock_sha256", std::string(64, '2')},
                           {"artifacts", Json::array()}});
  }
  // A folder as build makes one, but for the disk.
  [[nodiscard]] fs::path built(const std::string& version) const {
    const auto folder = at("built-" + version);
    const auto text = manifest_text(version);
    EXPECT_TRUE(make_directories(folder));
    EXPECT_TRUE(write_file_atomic(folder / "manifest.json", text));
    EXPECT_TRUE(write_file_atomic(folder / "SHA256SUMS", sha256(text).hex() + "  manifest.json\n"));
    return folder;
  }

  // Lets `channel` have the release, and point to it.
  void release(const std::string& channel, const std::string& version) const {
    auto metadata = open();
    auto one = read_channel(metadata, "web", channel).value();
    const auto files = contents(version);
    const auto image = add_image(version);
    for (std::size_t i = 0; i < files.size(); ++i) {
      const auto path = stored(channel, version, i);
      ASSERT_TRUE(make_directories(path.parent_path()));
      ASSERT_TRUE(write_file_atomic(path, files[i].second));
      one.targets.targets[target_path("web", channel, version, files[i].first)] = {
          .length = files[i].second.size(),
          .sha256 = sha256(files[i].second),
          .custom = {{"architecture", "amd64"},
                     {"chunk_index", sha256(files[1].second).hex()},
                     {"oci", "sha256:" + image.hex()},
                     {"role", "web"},
                     {"root_hash", std::string(64, '1')},
                     {"security_epoch", 0U},
                     {"version", version}}};
    }
    ASSERT_TRUE(make_directories(chunk(version).parent_path()));
    ASSERT_TRUE(write_file_atomic(chunk(version), "chunk"));
    ASSERT_TRUE(save_channel(metadata, std::move(one)));
    move(metadata, channel, version);
    const auto done = commit(metadata, silent_progress());
    ASSERT_TRUE(done) << done.error().message;
  }
  // The release's OCI manifest, whose only layer is its manifest.json.
  [[nodiscard]] Digest add_image(const std::string& version) const {
    const auto file = built(version) / "manifest.json";
    const auto text = manifest_text(version);
    oci::Release image;
    image.layers = {{file, "manifest.json", oci::media_type_of("manifest.json"), text.size(), sha256(text)}};
    image.manifest = oci::make_manifest(image.layers, {{"org.opencontainers.image.version", version}});
    EXPECT_TRUE(oci::add_to_layout(registry() / "oci/web", image));
    return image.manifest.sha256;
  }
  void yank(const std::string& version) const {
    auto metadata = open();
    ASSERT_TRUE(registry::yank(metadata, "web", version, "does not answer"));
    const auto done = commit(metadata, silent_progress());
    ASSERT_TRUE(done) << done.error().message;
  }
  [[nodiscard]] Collected collect() const {
    auto metadata = open();
    auto out = collect_garbage(metadata, 0, false, silent_progress());
    EXPECT_TRUE(out) << out.error().message;
    return out.value_or(Collected{});
  }
  // What goes, but for histories that no metadata names any more.
  [[nodiscard]] std::vector<std::string> taken() const {
    auto out = collect().files;
    std::erase_if(out, [](const auto& one) { return one.ends_with(".history.jsonl"); });
    return out;
  }
  [[nodiscard]] std::vector<Digest> images() const { return oci::list_releases(registry() / "oci/web").value(); }
  [[nodiscard]] bool has(const std::string& version) const {
    const bool files = fs::exists(stored("dev", version, 0)) && fs::exists(stored("dev", version, 1));
    return files && fs::exists(chunk(version)) && fs::exists(blob(version));
  }
  [[nodiscard]] Result<Published> publish(const std::string& channel, const std::string& version) const {
    auto metadata = open();
    PublishOptions options;
    options.channel = channel;
    return registry::publish(metadata, built(version), options, silent_progress());
  }
};

TEST_F(YankTest, AHoldKeepsTheFilesOfAReleaseThatIsYanked) {
  release("dev", kOne);
  release("dev", kTwo);
  ASSERT_TRUE(write_holds(registry(), {{"web", kTwo, "audit"}}));
  yank(kTwo);
  EXPECT_EQ(taken(), std::vector<std::string>());
  EXPECT_TRUE(has(kTwo));
  EXPECT_EQ(images().size(), 2U);

  ASSERT_TRUE(write_holds(registry(), {}));
  EXPECT_FALSE(taken().empty());
  for (const auto& gone : {stored("dev", kTwo, 0), stored("dev", kTwo, 1), chunk(kTwo), blob(kTwo)})
    EXPECT_FALSE(fs::exists(gone)) << gone;
  EXPECT_EQ(images().size(), 1U);
  EXPECT_TRUE(has(kOne));
}

TEST_F(YankTest, AHoldKeepsNoDeltaAndNothingThatHasNoDigest) {
  release("dev", kOne);
  release("dev", kTwo);
  ASSERT_TRUE(write_holds(registry(), {{"web", kTwo, "audit"}, {"web", "..", "nothing"}, {"../web", kOne, "nothing"}}));
  const auto folder = stored("dev", kTwo, 0).parent_path();
  const auto delta = folder / (std::string(64, 'a') + "." + delta_name("web", kTwo, kOne));
  const auto other = folder / "notes.txt";
  for (const auto& path : {delta, other}) ASSERT_TRUE(write_file_atomic(path, "x"));
  yank(kTwo);
  (void)collect();
  EXPECT_FALSE(fs::exists(delta));
  EXPECT_FALSE(fs::exists(other));
  EXPECT_TRUE(has(kTwo));
}

TEST_F(YankTest, AHoldOfAReleaseThatIsNotThereIsNoObstacle) {
  release("dev", kOne);
  ASSERT_TRUE(write_holds(registry(), {{"web", kThree, "elsewhere"}, {"mail", kOne, "elsewhere"}}));
  EXPECT_EQ(taken(), std::vector<std::string>());
  EXPECT_TRUE(has(kOne));
}

TEST_F(YankTest, AnImageTellsItsVersionWithoutATag) {
  release("dev", kOne);
  release("dev", kTwo);
  yank(kTwo);
  const auto layout = registry() / "oci/web";
  std::set<std::string> versions;
  for (const auto& digest : images()) versions.insert(oci::version_of(layout, digest).value());
  EXPECT_EQ(versions, (std::set<std::string>{kOne, kTwo}));
  const auto none = sha256("none");
  refused(oci::version_of(layout, none), ErrorCode::kMissing,
          "the OCI layout \"" + layout.string() + "\" has no manifest \"sha256:" + none.hex() + "\"");
}

TEST_F(YankTest, AChannelGoesBackToWhatItHadBefore) {
  for (const auto& version : {kOne, kTwo, kThree}) release("dev", version);
  yank(kTwo);
  EXPECT_EQ(points_to("dev"), kThree);
  yank(kThree);
  EXPECT_EQ(points_to("dev"), kOne);
}

TEST_F(YankTest, AChannelNeverGoesBackToWhatGcTook) {
  release("dev", kOne);
  release("dev", kTwo);
  EXPECT_EQ(collect().releases, std::vector<std::string>{"web@dev " + kOne});
  yank(kTwo);
  EXPECT_EQ(points_to("dev"), "");
}

TEST_F(YankTest, AChannelGoesBackBeyondWhatGcTook) {
  for (const auto& version : {kOne, kTwo, kThree}) release("dev", version);
  ASSERT_TRUE(write_holds(registry(), {{"web", kOne, "audit"}}));
  EXPECT_EQ(collect().releases, std::vector<std::string>{"web@dev " + kTwo});
  yank(kThree);
  EXPECT_EQ(points_to("dev"), kOne);
}

TEST_F(YankTest, AReleaseThatWasYankedComesBackToNoChannel) {
  release("dev", kOne);
  release("dev", kTwo);
  release("stable", kOne);
  yank(kTwo);
  for (const auto* channel : {"dev", "stable", "blue"})
    refused(publish(channel, kTwo), ErrorCode::kUsage, "\"web\" " + kTwo + " was yanked: does not answer");
  const auto again = publish("blue", kTwo);
  EXPECT_EQ(again.error().hint, "build and publish another version");
  (void)collect();
  refused(publish("blue", kTwo), ErrorCode::kUsage, "\"web\" " + kTwo + " was yanked: does not answer");
}

TEST_F(YankTest, AReleaseOfOneChannelIsNotPromotedWhenAnotherSaysThatItWasYanked) {
  release("dev", kOne);
  yank(kOne);
  release("stable", kOne);  // as an older reburst let it
  auto metadata = open();
  refused(promote(metadata, {"web", kOne, "blue", "tried", 1}, silent_progress()), ErrorCode::kUsage,
          "\"web\" " + kOne + " was yanked: does not answer");
}

}  // namespace
}  // namespace reburst::registry
