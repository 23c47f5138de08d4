#include "builder/image/file_facts.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include "core/parallel.hpp"
#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::make_tree;
using testing::need;
using testing::noise;
using testing::write;

namespace {

std::string sha1_of(std::string_view text) {
  Sha1Hasher hasher;
  hasher.update(std::as_bytes(std::span(text.data(), text.size())));
  return hasher.finish().hex();
}

}  // namespace

class FileFacts : public FolderTest {
 protected:
  FileFacts() {
    write(root_ / "a/b", "bb", 0755);
    write(root_ / "a-b", "a-b");
    write(root_ / "empty", "");
    fs::create_symlink("a/b", root_ / "link");
    fs::create_hard_link(root_ / "a/b", root_ / "a-second");
  }

  std::vector<FileFact> list(const ErofsPlan* plan = nullptr) {
    const tree::Tree tree = make_tree(root_, {{"one", {"/a", "/a/b"}}, {"two", {"/a-second", "/link"}}});
    return list_files(need(walk_tree(tree)), tree, plan, 1000);
  }

  void hash(std::vector<FileFact>& files, std::size_t jobs = 1) {
    FileHashing hashing(files, -1, root_);
    need(parallel_for(jobs, hashing.pieces(), [&](std::size_t piece) { return hashing.run(piece); }));
    hashing.finish();
  }

  static const FileFact& at(const std::vector<FileFact>& files, const std::string& path) {
    for (const FileFact& file : files) {
      if (file.path == path) return file;
    }
    ADD_FAILURE() << "no " << path;
    return files.front();
  }

  fs::path root_ = folder_ / "root";
};

TEST_F(FileFacts, EveryPathIsThereSortedByBytes) {
  std::vector<std::string> paths;
  for (const FileFact& file : list()) paths.push_back(file.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"/", "/a", "/a-b", "/a-second", "/a/b", "/empty", "/link"}));
}

TEST_F(FileFacts, NamesHaveTheirOwnersAndFoldersNone) {
  const auto files = list();
  EXPECT_EQ(at(files, "/a/b").package, "one");
  EXPECT_EQ(at(files, "/a-second").package, "two");
  EXPECT_EQ(at(files, "/link").package, "two");
  EXPECT_EQ(at(files, "/a").package, "");
  EXPECT_EQ(at(files, "/a-b").package, "");
}

TEST_F(FileFacts, LaterNamesOfAFileLeadToTheFirstAndHaveItsFacts) {
  auto files = list();
  hash(files);
  EXPECT_EQ(at(files, "/a-second").link_to, "");
  EXPECT_EQ(at(files, "/a/b").link_to, "/a-second");
  for (const std::string path : {"/a-second", "/a/b"}) {
    EXPECT_EQ(at(files, path).mode, static_cast<mode_t>(S_IFREG | 0755));
    EXPECT_EQ(at(files, path).size, 2U);
    EXPECT_EQ(at(files, path).sha256, sha256("bb"));
    EXPECT_EQ(at(files, path).sha1.hex(), sha1_of("bb"));
  }
  EXPECT_EQ(at(files, "/empty").sha256, sha256(""));
  EXPECT_EQ(at(files, "/link").target, "a/b");
}

TEST_F(FileFacts, OffsetsAreThoseOfThePlan) {
  const tree::Tree tree = make_tree(root_);
  const Walk walk = need(walk_tree(tree));
  const ErofsPlan plan = need(plan_erofs(walk, {}));
  const auto files = list_files(walk, tree, &plan, kMebibyte);
  std::vector<std::uint64_t> extents;
  for (const auto& extent : plan.extents) extents.push_back(kMebibyte + extent.block * kBlock);
  EXPECT_THAT(extents,
              ::testing::UnorderedElementsAre(at(files, "/a-b").offset.value(), at(files, "/a/b").offset.value()));
  EXPECT_EQ(at(files, "/a-second").offset, at(files, "/a/b").offset);
  EXPECT_FALSE(at(files, "/empty").offset);
  EXPECT_FALSE(at(files, "/link").offset);
}

TEST_F(FileFacts, FilesOfEverySizeAreHashedWhateverTheJobs) {
  for (const std::size_t size : {1U, 4096U, 70'000U, 8U << 20U, (8U << 20U) + 1, 20'000'000U})
    write(root_ / "sizes" / std::to_string(size), noise(size, static_cast<std::uint32_t>(size)));
  auto one = list();
  hash(one);
  auto many = list();
  hash(many, 4);
  for (std::size_t i = 0; i < one.size(); ++i) {
    if (!S_ISREG(one[i].mode)) continue;
    const std::string content = testing::read(root_.string() + one[i].path);
    EXPECT_EQ(one[i].sha256, sha256(content)) << one[i].path;
    EXPECT_EQ(one[i].sha1.hex(), sha1_of(content)) << one[i].path;
    EXPECT_EQ(many[i].sha256, one[i].sha256) << one[i].path;
    EXPECT_EQ(many[i].sha1, one[i].sha1) << one[i].path;
  }
}

TEST_F(FileFacts, AFileThatShrankIsAnError) {
  auto files = list();
  fs::resize_file(root_ / "a-b", 1);
  FileHashing hashing(files, -1, root_);
  const Error error = hashing.run(0).error();
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_EQ(error.message, "cannot read \"image:/a-b\": it is cut short");
}

}  // namespace reburst::image
