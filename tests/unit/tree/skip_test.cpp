#include "builder/tree/skip.hpp"

#include <gtest/gtest.h>

#include "builder/tree/extract.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "tests/unit/tree/deb_builder.hpp"

namespace reburst::tree {
namespace {

using testing::DebText;

const std::vector<std::string> kExclude = {"/usr/share/doc", "/usr/share/man"};

std::string unpacked(const std::vector<testing::TarEntry>& data, const std::vector<std::string>& exclude) {
  const auto temp = *TempDirectory::make("/tmp", "reburst-skip-test");
  DebText text;
  text.data = data;
  const auto deb = Deb::open(testing::write(temp.path() / "x.deb", text.text()));
  if (!deb) return deb.error().render();
  const auto entries = extract(*deb, temp.path() / "out", Skip(exclude));
  if (!entries) return entries.error().render();
  std::vector<std::string> paths;
  for (const auto& entry : *entries) {
    EXPECT_TRUE(fs::exists(fs::symlink_status(temp.path() / "out" / entry.path))) << entry.path;
    paths.push_back(entry.path);
  }
  std::size_t there = 0;
  for (const auto& one : fs::recursive_directory_iterator(temp.path() / "out")) there += one.is_directory() ? 0 : 1;
  return join(paths, " ") + ", " + std::to_string(there) + " files";
}

const std::vector<testing::TarEntry> kData = {
    {.name = "./usr/share/doc/a/", .content = {}, .type = '5', .link = {}, .mode = 0755},
    {.name = "./usr/share/doc/a/copyright", .content = "c"},
    {.name = "./usr/share/doc/a/README", .content = "r"},
    {.name = "./usr/share/doc/b", .content = {}, .type = '2', .link = "a"},
    {.name = "./usr/share/doc/a/more/copyright", .content = "c"},
    {.name = "./usr/share/docs", .content = "another name"},
    {.name = "./usr/share/man/man1/", .content = {}, .type = '5', .link = {}, .mode = 0755},
    {.name = "./usr/share/man/man1/a.1.gz", .content = "m"},
    {.name = "./usr/share/man/man1/b.1.gz", .content = {}, .type = '1', .link = "./usr/share/man/man1/a.1.gz"},
    {.name = "./usr/share/man/page", .content = "m"},
    {.name = "./usr/bin/a", .content = "program"}};

TEST(Skip, LeavesOutWhatTheImageExcludes) {
  EXPECT_EQ(unpacked(kData, kExclude),
            "usr/share/doc/a usr/share/doc/a/copyright usr/share/doc/b usr/share/doc/a/more/copyright usr/share/docs "
            "usr/share/man/man1 usr/bin/a, 4 files");
}

TEST(Skip, TakesEverythingThatTheImageKeeps) {
  for (const auto& exclude : std::vector<std::vector<std::string>>{{}, {"/usr/share/doc/a"}, {"/usr/bin"}, {"/us"}}) {
    EXPECT_TRUE(unpacked(kData, exclude).ends_with(" usr/bin/a, 8 files")) << unpacked(kData, exclude);
  }
  EXPECT_TRUE(unpacked(kData, {"/usr/share"}).ends_with(" usr/bin/a, 4 files")) << unpacked(kData, {"/usr/share"});
}

TEST(Skip, SkipsNothingWhereAHardLinkNeedsWhatWentBy) {
  auto data = kData;
  data.push_back({.name = "./etc/page", .content = {}, .type = '1', .link = "./usr/share/man/page"});
  EXPECT_TRUE(unpacked(data, kExclude).ends_with(" usr/bin/a etc/page, 9 files")) << unpacked(data, kExclude);
}

TEST(Skip, SkipsNothingWhereTheCopyrightFileIsALink) {
  const std::vector<testing::TarEntry> data = {
      {.name = "./usr/share/doc/a/README", .content = "c"},
      {.name = "./usr/share/doc/a/copyright", .content = {}, .type = '2', .link = "README"}};
  EXPECT_EQ(unpacked(data, kExclude), "usr/share/doc/a/README usr/share/doc/a/copyright, 2 files");
}

// locale-gen(8) reads it.
TEST(Skip, KeepsTheAliasesOfLocales) {
  const std::vector<testing::TarEntry> data = {
      {.name = "./usr/share/locale/locale.alias", .content = {}, .type = '2', .link = "/etc/locale.alias"},
      {.name = "./usr/share/locale/de/x.mo", .content = "t"}};
  EXPECT_EQ(unpacked(data, {"/usr/share/locale"}), "usr/share/locale/locale.alias, 1 files");
}

}  // namespace
}  // namespace reburst::tree
