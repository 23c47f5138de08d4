#pragma once

#include "house.hpp"
#include "registry/chunks/chunks.hpp"
#include "registry/oci/oci.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"
#include "registry/repository/openpgp.hpp"
#include "registry/repository/upkeep.hpp"

namespace reburst::registry {

inline const std::string kOne = "20261101T000000Z", kTwo = "20261102T000000Z", kThree = "20261103T000000Z";

// A registry whose publisher signs alone; its releases have a manifest, a chunk index and an OCI manifest.
class ReleasesTest : public House {
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
  // By whoever has the keys of dev alone: stable keeps what it has.
  void yank_in_dev(const std::string& version) const {
    auto metadata = open();
    auto one = read_channel(metadata, "web", "dev").value();
    std::erase_if(one.targets.targets,
                  [&](const auto& file) { return file.first.starts_with(target_path("web", "dev", version, "")); });
    client::Move step;
    step.kind = "yank";
    step.to = kOne;
    step.version = version;
    step.reason = "does not answer";
    ASSERT_TRUE(add_move(one, std::move(step), metadata.publisher()));
    ASSERT_TRUE(save_channel(metadata, std::move(one)));
    ASSERT_TRUE(commit(metadata, silent_progress()));
  }
  [[nodiscard]] Collected collect(bool dry_run = false) const {
    auto metadata = open();
    auto out = collect_garbage(metadata, 0, dry_run, silent_progress());
    EXPECT_TRUE(out) << out.error().message;
    return out.value_or(Collected{});
  }
  // What goes, but for histories that no metadata names any more.
  [[nodiscard]] std::vector<std::string> taken() const {
    auto out = collect().files;
    std::erase_if(out, [](const auto& one) { return one.ends_with(".history.jsonl"); });
    return out;
  }
  [[nodiscard]] fs::path manifest(const Digest& image) const {
    return registry() / "oci/web/blobs/sha256" / image.hex();
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

}  // namespace reburst::registry
