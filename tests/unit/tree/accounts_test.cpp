#include "builder/tree/accounts.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/file.hpp"

namespace reburst::tree {
namespace {

class AccountsTest : public ::testing::Test {
 protected:
  TempDirectory temp_ = *TempDirectory::make("/tmp", "reburst-accounts-test");
  Beneath root_ = *Beneath::open(temp_.path());

  void SetUp() override {
    ASSERT_TRUE(root_.make_folders("etc"));
    ASSERT_TRUE(root_.write(
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\nfirst:x:999:998::/:/bin/sh\n"));
    ASSERT_TRUE(root_.write("etc/group", "root:x:0:\nwww-data:x:33:\nadm:x:4:\nfirst:x:998:\n"));
    ASSERT_TRUE(root_.write("etc/shadow", "root:*:20000:0:99999:7:::\n", 0640));
    ASSERT_TRUE(root_.write("etc/gshadow", "root:*::\n", 0640));
  }
};

TEST_F(AccountsTest, FindsByNameAndNumber) {
  const auto accounts = Accounts::read(root_);
  ASSERT_TRUE(accounts);
  EXPECT_EQ(accounts->user("www-data"), 33U);
  EXPECT_EQ(accounts->group("adm"), 4U);
  EXPECT_EQ(accounts->user("123"), 123U);
  EXPECT_EQ(accounts->user("#7"), 7U);
  EXPECT_EQ(accounts->user("nobody-here"), std::nullopt);
  EXPECT_EQ(accounts->user("70000"), std::nullopt);
}

TEST_F(AccountsTest, AddsASystemUserBelowThoseInUse) {
  ASSERT_TRUE(add_user(root_, "app", {.system = true, .home = "/var/lib/app", .shell = {}, .epoch = 86400 * 20454}));
  EXPECT_TRUE(root_.read("etc/passwd", 10000)->ends_with("app:x:997:997::/var/lib/app:/usr/sbin/nologin\n"));
  EXPECT_TRUE(root_.read("etc/group", 10000)->ends_with("app:x:997:\n"));
  EXPECT_TRUE(root_.read("etc/shadow", 10000)->ends_with("app:!:20454::::::\n"));
  EXPECT_TRUE(root_.read("etc/gshadow", 10000)->ends_with("app:!::\n"));
  const auto home = root_.examine("var/lib/app");
  ASSERT_TRUE(home && *home);
  EXPECT_EQ((*home)->st_uid, 997U);
  EXPECT_EQ((*home)->st_mode & 07777U, 0750U);
}

TEST_F(AccountsTest, AddsAnOrdinaryUserFrom1000On) {
  ASSERT_TRUE(add_user(root_, "anna", {.system = false, .home = {}, .shell = {}, .epoch = 0}));
  EXPECT_TRUE(root_.read("etc/passwd", 10000)->ends_with("anna:x:1000:1000::/home/anna:/bin/bash\n"));
}

TEST_F(AccountsTest, RefusesTakenAndInvalidNames) {
  struct Case {
    const char *name, *home, *error;
  };
  for (const Case& c :
       {Case{"www-data", "", "cannot add the user \"www-data\": the image has a user or group of that name"},
        Case{"adm", "", "cannot add the user \"adm\": the image has a user or group of that name"},
        Case{"a:b", "", "cannot add the user \"a:b\": the name is not valid"},
        Case{"-x", "", "cannot add the user \"-x\": the name is not valid"},
        Case{"app", "/x:0", "cannot add the user \"app\": its home and shell must not hold a colon"}}) {
    const auto done = add_user(root_, c.name, {.system = true, .home = c.home, .shell = {}, .epoch = 0});
    ASSERT_FALSE(done) << c.name;
    EXPECT_EQ(done.error().code, ErrorCode::kRecipe);
    EXPECT_EQ(done.error().message, c.error);
  }
}

}  // namespace
}  // namespace reburst::tree
