#include "builder/image/walk.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::make_tree;
using testing::need;
using testing::write;

class WalkTree : public FolderTest {
 protected:
  WalkTree() {
    write(folder_ / "usr/bin/a", "aaa", 0755);
    write(folder_ / "usr/bin/b", "");
    write(folder_ / "etc/c", "cc");
    fs::create_symlink("../usr/bin/a", folder_ / "etc/link");
    fs::create_hard_link(folder_ / "usr/bin/a", folder_ / "etc/hard");
  }
};

TEST_F(WalkTree, ReadsASortedWalk) {
  const Walk walk = need(walk_tree(make_tree(folder_)));
  std::vector<std::string> paths;
  for (const Node& node : walk.nodes) paths.push_back(node.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"/", "/etc", "/etc/c", "/etc/hard", "/etc/link", "/usr", "/usr/bin",
                                             "/usr/bin/b"}));
  EXPECT_EQ(walk.nodes[0].links, 4U);
  EXPECT_EQ(walk.nodes[3].links, 2U) << "/etc/hard and /usr/bin/a are one node";
  EXPECT_EQ(walk.nodes[3].mode, static_cast<mode_t>(S_IFREG | 0755));
  EXPECT_EQ(walk.nodes[4].target, "../usr/bin/a");
  EXPECT_EQ(walk.nodes[6].parent, 5U);
  EXPECT_EQ(walk.nodes[6].entries, (std::vector<std::pair<std::string, std::size_t>>{{"a", 3}, {"b", 7}}));
}

TEST_F(WalkTree, DataFollowsTheLayoutAndLeavesOutEmptyFilesAndSecondNames) {
  const Walk walk =
      need(walk_tree(make_tree(folder_, {{"p", {"/usr/bin/a", "/usr/bin/b"}}, {"q", {"/usr", "/etc/c"}}})));
  EXPECT_EQ(walk.data, (std::vector<std::vector<std::size_t>>{{3}, {2}, {}}));
}

TEST_F(WalkTree, ANameThatIsNotThereIsRefused) {
  tree::Tree tree = make_tree(folder_);
  tree.layout[0].paths.push_back("/usr/bin/zz");
  EXPECT_EQ(walk_tree(tree).error().message, "the tree's layout names \"/usr/bin/zz\", which is not in the tree");
}

TEST_F(WalkTree, ANameTwiceIsRefusedButFoldersAreShared) {
  tree::Tree tree = make_tree(folder_);
  tree.layout.push_back({"p", {"/usr/bin"}});
  EXPECT_TRUE(walk_tree(tree).has_value());
  tree.layout.push_back({"q", {"/usr/bin/a"}});
  EXPECT_EQ(walk_tree(tree).error().message, "the tree's layout names \"/usr/bin/a\" twice");
}

TEST_F(WalkTree, AFileThatTheLayoutForgetsIsRefused) {
  tree::Tree tree = make_tree(folder_);
  tree.layout[0].paths = {"/etc", "/etc/c", "/etc/hard", "/usr/bin/a"};
  EXPECT_EQ(walk_tree(tree).error().message, "the tree's layout does not name \"/etc/link\"");
}

TEST_F(WalkTree, ReadsAttributesAndLeavesOutTheMachinesOwn) {
  const std::string path = (folder_ / "etc/c").string();
  ASSERT_EQ(::setxattr(path.c_str(), "user.zz", "1", 1, 0), 0);
  ASSERT_EQ(::setxattr(path.c_str(), "user.aa", "", 0, 0), 0);
  if (::geteuid() == 0) {
    ASSERT_EQ(::setxattr(path.c_str(), "security.selinux", "x", 1, 0), 0);
    ASSERT_EQ(::setxattr(path.c_str(), "trusted.t", "tt", 2, 0), 0);
  }
  std::vector<Xattr> expected{{"user.aa", ""}, {"user.zz", "1"}};
  if (::geteuid() == 0) expected.insert(expected.begin(), {"trusted.t", "tt"});
  EXPECT_EQ(need(walk_tree(make_tree(folder_))).nodes[2].xattrs, expected);
}

}  // namespace reburst::image
