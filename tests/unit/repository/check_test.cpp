// What registry check asks of a disk; the doors are looked at in functional tests.
#include "house.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/upkeep.hpp"

namespace reburst::registry {
namespace {

const std::string kVersion = "20261101T000000Z";

class CheckTest : public House {
 protected:
  void SetUp() override {
    House::SetUp();
    fs::remove_all(at("keys"));
    ASSERT_TRUE(signing::create_development_keys(at("keys")));
  }
  static Digest root() { return sha256("root"); }
  [[nodiscard]] std::string disk() const {
    return stored_path(target_path("web", "dev", kVersion, name_), sha256("disk"));
  }
  // A release of a disk alone, published by a publisher who compares nothing.
  void release() const {
    auto metadata = open();
    auto one = read_channel(metadata, "web", "dev").value();
    ASSERT_TRUE(make_directories((registry() / disk()).parent_path()));
    ASSERT_TRUE(write_file_atomic(registry() / disk(), "disk"));
    one.targets.targets[target_path("web", "dev", kVersion, name_)] = {
        .length = 4,
        .sha256 = sha256("disk"),
        .custom = {{"architecture", "amd64"},
                   {"chunk_index", std::string(64, '3')},
                   {"oci", "sha256:" + std::string(64, '2')},
                   {"role", "web"},
                   {"root_hash", root().hex()},
                   {"security_epoch", 0U},
                   {"version", kVersion}}};
    ASSERT_TRUE(save_channel(metadata, std::move(one)));
    ASSERT_TRUE(metadata.commit());  // no doors: the release is not whole
  }
  // What is said of the disk.
  [[nodiscard]] std::vector<std::string> said(const RootHash& root_hash) const {
    std::vector<std::string> out;
    const auto faults = check(open(), root_hash, 1, silent_progress()).value();
    for (const auto& fault : faults) {
      if (fault.file.ends_with(name_)) out.push_back((fault.file == disk() ? "" : fault.file + " ") + fault.what);
    }
    return out;
  }
  using Said = std::vector<std::string>;

  std::string name_ = file_name("web", kVersion, ".raw");
};

TEST_F(CheckTest, TheDiskHasTheRootHashThatTheMetadataNames) {
  release();
  EXPECT_EQ(said([&](const fs::path& path) -> Result<Digest> {
              EXPECT_EQ(path, registry() / disk());
              return root();
            }),
            Said());
}

TEST_F(CheckTest, AnotherRootHashIsFound) {
  release();
  EXPECT_EQ(said([](const fs::path&) -> Result<Digest> { return sha256("other"); }),
            Said{"has another root hash than the metadata names"});
}

TEST_F(CheckTest, ADiskThatHasNoneIsFound) {
  release();
  EXPECT_EQ(said([](const fs::path&) -> Result<Digest> {
              return fail(ErrorCode::kIntegrity, "the disk has no whole partition table");
            }),
            Said{"has no root hash: the disk has no whole partition table"});
}

TEST_F(CheckTest, ADiskThatIsAnotherFileIsToldOnce) {
  release();
  ASSERT_TRUE(write_file_atomic(registry() / disk(), "dusk"));
  EXPECT_EQ(said([](const fs::path&) -> Result<Digest> { return sha256("other"); }),
            Said{"has another SHA-256 than the metadata names"});
}

TEST_F(CheckTest, AReleaseWithoutADiskIsFound) {
  name_ = "manifest.json";
  release();
  name_ = file_name("web", kVersion, ".raw");
  EXPECT_EQ(said({}), Said{"targets/web/dev/" + kVersion + "/" + name_ + " is not among the targets"});
}

TEST_F(CheckTest, TheRegistryExpiresWithItsTopRolesAndAChannelAlone) {
  using Expiries = std::vector<Expiry>;
  const auto at = [](const Expiries& all) { return require_fresh(all, kNow, "sign it again"); };
  EXPECT_TRUE(at({{"timestamp", kNow + 1}, {"web-dev", kNow + 1}}));
  refused(at({{"web-dev", kNow - 1}, {"timestamp", kNow}}), ErrorCode::kExpired,
          "\"timestamp\" expired at 2026-11-21T00:00:00Z: no client accepts the registry");
  const auto channels = at({{"web-dev", kNow - 1}, {"web-stable", kNow}, {"timestamp", kNow + 1}});
  refused(channels, ErrorCode::kExpired,
          "\"web-dev\" expired at 2026-11-20T23:59:59Z: no client accepts that channel\n\"web-stable\" expired at "
          "2026-11-21T00:00:00Z too");
  EXPECT_EQ(channels.error().hint, "sign it again");
}

}  // namespace
}  // namespace reburst::registry
