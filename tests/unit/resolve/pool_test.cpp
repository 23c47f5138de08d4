#include "builder/resolve/pool.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/solver/fixture.hpp"

namespace reburst::resolve {
namespace {

fs::path only_solv(const fs::path& cache) {
  fs::path found;
  for (const auto& entry : fs::recursive_directory_iterator(cache / "derived" / "solv")) {
    if (!entry.is_regular_file()) continue;
    EXPECT_TRUE(found.empty()) << "more than one .solv";
    found = entry.path();
  }
  return found;
}

std::string content(const fs::path& path) {
  return read_file(path, 1U << 24U).value();
}

void overwrite(const fs::path& path, const std::string& bytes) {
  fs::permissions(path, fs::perms::owner_all);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class PackagePoolTest : public testing::Test {
 protected:
  PackagePoolTest() {
    fixture_.add_index(
        "Package: app\nVersion: 1.0\nDepends: lib (>= 1)\n\n"
        "Package: lib\nVersion: 1:0.9\nPriority: required\nEssential: yes\n\n"
        "Package: lib-foreign\nVersion: 1\nArchitecture: i386\n");
  }
  test::SolverFixture fixture_;
};

TEST_F(PackagePoolTest, TellsWhatTheIndexSays) {
  const auto pool = PackagePool::load(fixture_.archive(), fixture_.cache()).value();
  const auto lib = pool.versions("lib");
  ASSERT_EQ(lib.size(), 1U);
  EXPECT_EQ(pool.name(lib[0]), "lib");
  EXPECT_EQ(pool.version(lib[0]), "1:0.9");
  EXPECT_EQ(pool.architecture(lib[0]), "amd64");
  EXPECT_EQ(pool.index(lib[0]), 0U);
  EXPECT_TRUE(pool.essential(lib[0]));
  EXPECT_EQ(pool.stanza(lib[0]).priority, "required");
  EXPECT_FALSE(pool.essential(pool.versions("app").at(0)));
  EXPECT_LT(pool.rank(pool.versions("app").at(0)), pool.rank(lib[0]));
  EXPECT_TRUE(pool.versions("lib-foreign").empty());
  EXPECT_TRUE(pool.versions("nowhere").empty());
}

TEST_F(PackagePoolTest, ReadsTheCachedIndexLikeTheOriginal) {
  const auto made = PackagePool::load(fixture_.archive(), fixture_.cache()).value();
  const auto before = fs::last_write_time(only_solv(fixture_.cache().root()));
  const auto cached = PackagePool::load(fixture_.archive(), fixture_.cache()).value();
  EXPECT_EQ(fs::last_write_time(only_solv(fixture_.cache().root())), before);
  ASSERT_EQ(cached.end(), made.end());
  EXPECT_EQ(cached.stanza(cached.versions("app").at(0)).depends, "lib (>= 1)");
}

TEST_F(PackagePoolTest, MakesADamagedSolvAgain) {
  ASSERT_TRUE(PackagePool::load(fixture_.archive(), fixture_.cache()));
  const auto file = only_solv(fixture_.cache().root());
  const auto good = content(file);
  std::vector<std::string> damaged = {"", "short", good.substr(0, good.size() / 2), good + "x",
                                      std::string(64, '\xff')};
  for (std::size_t at = 0; at < good.size(); at += 13) {
    damaged.push_back(good);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 0x21);
  }
  for (const auto& bytes : damaged) {
    overwrite(file, bytes);
    const auto pool = PackagePool::load(fixture_.archive(), fixture_.cache());
    ASSERT_TRUE(pool) << pool.error().render();
    EXPECT_EQ(pool->versions("lib").size(), 1U);
    EXPECT_EQ(content(file), good);
  }
}

TEST_F(PackagePoolTest, RefusesAnIndexOfAnotherSize) {
  auto archive = fixture_.archive();
  archive.indexes[0].size += 1;
  const auto pool = PackagePool::load(archive, fixture_.cache());
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, ErrorCode::kIntegrity);
}

TEST(PackagePool, NamesThePackageThatCannotBeRead) {
  test::SolverFixture fixture;
  fixture.add_index("Package: app\nVersion: 1.0\nDepends: lib (>> \n");
  const auto pool = PackagePool::load(fixture.archive(), fixture.cache());
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(pool.error().message, "the package \"app\" (1.0) cannot be read: \"lib (>>\" is not a dependency");
  EXPECT_EQ(pool.error().context, std::vector<std::string>{"reading the index \"Example/suite0/main/amd64\""});
}

TEST(PackagePool, ShowsTheNulOfABrokenStanzaInsteadOfEndingThere) {
  test::SolverFixture fixture;
  fixture.add_index(std::string("Package: a") + '\0' + "b\nVersion: 1\nDepends: (\n");
  const auto pool = PackagePool::load(fixture.archive(), fixture.cache());
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().render(),
            "the package \"a\\x00b\" (1) cannot be read: \"(\" is not a dependency\n"
            "  while reading the index \"Example/suite0/main/amd64\"\n"
            "  hint: tell the archive's maintainer, or use another archive");
}

TEST(PackagePool, RefusesAPackageWithoutAVersion) {
  test::SolverFixture fixture;
  fixture.add_index("Package: app\n");
  const auto pool = PackagePool::load(fixture.archive(), fixture.cache());
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().code, ErrorCode::kIntegrity);
  EXPECT_TRUE(pool.error().message.starts_with("a package has no name or no version: \"Package: app "));
  EXPECT_EQ(pool.error().hint, "tell the archive's maintainer, or use another archive");
}

TEST(PackagePool, ReadsAnEmptyIndex) {
  test::SolverFixture fixture;
  fixture.add_index("");
  for (int i = 0; i < 2; ++i) {
    const auto pool = PackagePool::load(fixture.archive(), fixture.cache());
    ASSERT_TRUE(pool) << pool.error().render();
    EXPECT_TRUE(pool->names().empty());
  }
}

TEST(PackagePool, OrdersVersionsAsDpkg) {
  // Each is older than the next (deb-version(7)).
  const std::vector<std::string> ascending = {"1.0~~", "1.0~~a", "1.0~", "1.0",  "1.0-1", "1.0-1+b1", "1.0a",
                                              "1.0+",  "1.0.1",  "1.9",  "1.10", "1:0~",  "1:0",      "10:0"};
  test::SolverFixture fixture;
  std::string packages;
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    packages += "Package: p" + std::to_string(i) + "\nVersion: " + ascending[i] + "\n\n";
  }
  fixture.add_index(packages);
  const auto pool = PackagePool::load(fixture.archive(), fixture.cache()).value();
  for (std::size_t i = 0; i + 1 < ascending.size(); ++i) {
    const auto older = pool.versions("p" + std::to_string(i)).at(0);
    const auto newer = pool.versions("p" + std::to_string(i + 1)).at(0);
    EXPECT_LT(pool.compare_versions(older, newer), 0) << ascending[i] << " and " << ascending[i + 1];
    EXPECT_GT(pool.compare_versions(newer, older), 0) << ascending[i] << " and " << ascending[i + 1];
  }
}

}  // namespace
}  // namespace reburst::resolve
