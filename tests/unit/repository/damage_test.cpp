// Garbage collection where a file that says what is wanted is damaged: nothing that it may name is lost.
#include "releases.hpp"

namespace reburst::registry {
namespace {

// Three releases of web@dev, which points to the third; the second is held, and yanked.
class DamageTest : public ReleasesTest {
 protected:
  void SetUp() override {
    ReleasesTest::SetUp();
    for (const auto& version : {kOne, kTwo, kThree}) release("dev", version);
    ASSERT_TRUE(write_holds(registry(), {{"web", kTwo, "audit"}}));
    yank(kTwo);
    for (const auto& image : images())
      images_[oci::version_of(registry() / "oci/web", image).value()] = manifest(image);
  }
  [[nodiscard]] fs::path index(const std::string& version) const { return stored("dev", version, 1); }
  static std::string content(const fs::path& file) { return read_file(file, 1U << 20U).value(); }
  // Another file under that name: other names of the old one keep it.
  static void put(const fs::path& file, const std::string& text) { ASSERT_TRUE(write_file_atomic(file, text)); }
  [[nodiscard]] std::string name(const fs::path& file) const { return file.lexically_relative(registry()); }
  using Told = std::vector<std::pair<std::string, std::string>>;
  static Told told(const Collected& collected) {
    Told out;
    for (const auto& one : collected.unjudged) out.emplace_back(one.file, one.what.substr(0, one.what.find('\n')));
    return out;
  }
  [[nodiscard]] std::string wrong_blob(const fs::path& blob, const std::string& why) const {
    return "cannot accept the blob \"sha256:" + blob.filename().string() + "\" of the OCI layout \"" +
           (registry() / "oci/web").string() + "\": " + why;
  }
  void let_go() const { ASSERT_TRUE(write_holds(registry(), {})); }

  std::map<std::string, fs::path> images_;  // OCI manifests, by version
};

TEST_F(DamageTest, WithoutAnyNothingIsTold) {
  EXPECT_EQ(told(collect()), Told());
  EXPECT_FALSE(fs::exists(chunk(kOne)));
  EXPECT_FALSE(fs::exists(images_.at(kOne)));
  EXPECT_TRUE(has(kTwo));
}

TEST_F(DamageTest, AnIndexKeepsEveryChunk) {
  const auto whole = content(index(kTwo));
  put(index(kTwo), chunks::to_bytes(index_of(kOne)));  // well-formed, and not what its name says
  const Told damage = {{name(index(kTwo)), "\"" + name(index(kTwo)) + "\" has another SHA-256 than its name says"}};
  EXPECT_EQ(told(collect(true)), damage);
  EXPECT_EQ(told(collect()), damage);
  for (const auto& version : {kOne, kTwo, kThree}) EXPECT_TRUE(fs::exists(chunk(version)));
  EXPECT_FALSE(fs::exists(index(kOne)));
  EXPECT_FALSE(fs::exists(images_.at(kOne)));
  put(index(kTwo), whole);
  EXPECT_EQ(told(collect()), Told());
  EXPECT_FALSE(fs::exists(chunk(kOne)));
  EXPECT_TRUE(has(kTwo));
}

TEST_F(DamageTest, AnIndexOfAChannelKeepsEveryChunkToo) {
  put(index(kThree), "damaged");
  EXPECT_EQ(told(collect()).size(), 1U);
  for (const auto& version : {kOne, kTwo, kThree}) EXPECT_TRUE(fs::exists(chunk(version)));
}

TEST_F(DamageTest, AnIndexThatNobodyHoldsAnyMoreGoes) {
  put(index(kTwo), "damaged");
  let_go();
  EXPECT_EQ(told(collect()), Told());
  EXPECT_FALSE(fs::exists(index(kTwo)));
  EXPECT_FALSE(fs::exists(chunk(kTwo)));
  EXPECT_TRUE(has(kThree));
}

TEST_F(DamageTest, AManifestKeepsTheWholeLayout) {
  const auto& image = images_.at(kTwo);
  const auto whole = content(image);
  put(image, std::string(whole.size(), 'x'));
  const Told damage = {{name(image), wrong_blob(image, "wrong SHA-256")}};
  EXPECT_EQ(told(collect(true)), damage);
  EXPECT_EQ(told(collect()), damage);
  for (const auto& [version, file] : images_) {
    EXPECT_TRUE(fs::exists(file));
    EXPECT_TRUE(fs::exists(blob(version)));
  }
  EXPECT_FALSE(fs::exists(chunk(kOne)));
  put(image, whole);
  EXPECT_EQ(told(collect()), Told());
  EXPECT_FALSE(fs::exists(images_.at(kOne)));
  EXPECT_TRUE(has(kTwo));
}

TEST_F(DamageTest, AManifestThatIsNotThereKeepsItToo) {
  fs::remove(images_.at(kTwo));
  EXPECT_EQ(told(collect()), (Told{{name(images_.at(kTwo)), wrong_blob(images_.at(kTwo), "it is not there")}}));
  EXPECT_TRUE(has(kTwo));
  EXPECT_TRUE(fs::exists(images_.at(kOne)));
}

TEST_F(DamageTest, AManifestThatNobodyHoldsAnyMoreGoes) {
  put(images_.at(kTwo), "damaged");
  let_go();
  EXPECT_EQ(told(collect()), Told());
  EXPECT_FALSE(fs::exists(images_.at(kTwo)));
  EXPECT_FALSE(fs::exists(blob(kTwo)));
  EXPECT_TRUE(has(kThree));
}

TEST_F(DamageTest, AManifestOfAChannelKeepsTheWholeLayout) {
  let_go();
  put(images_.at(kThree), "damaged");
  EXPECT_EQ(told(collect()), (Told{{"oci/web", wrong_blob(images_.at(kThree), "wrong size")}}));
  for (const auto& [version, file] : images_) EXPECT_TRUE(fs::exists(blob(version)));
}

TEST_F(DamageTest, AnIndexOfTheLayoutKeepsIt) {
  (void)collect();  // the next one commits nothing
  put(registry() / "oci/web/index.json", "damaged");
  const auto damage = told(collect());
  ASSERT_EQ(damage.size(), 1U);
  EXPECT_EQ(damage[0].first, "oci/web/index.json");
  EXPECT_TRUE(has(kTwo));
}

}  // namespace
}  // namespace reburst::registry
