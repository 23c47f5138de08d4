#include "builder/tree/settle.hpp"

#include <gtest/gtest.h>

namespace reburst::tree {
namespace {

constexpr Epoch kEpoch = 1767225600;  // day 20454

TEST(Settle, ShadowGetsTheEpochsDayWhereADayStands) {
  EXPECT_EQ(settled_shadow("root:*:19000:0:99999:7:::\napp:!::::::\nshort\n", kEpoch),
            "root:*:20454:0:99999:7:::\napp:!::::::\nshort\n");
  EXPECT_EQ(settled_shadow("root:*:19000:0:99999:7:::", kEpoch), "root:*:20454:0:99999:7:::\n");
  EXPECT_EQ(settled_shadow("", kEpoch), "");
}

std::string database(const std::string& id, const std::string& time) {
  std::string content(4096, '\0');
  content.replace(12, 4, std::string("\x61\x15\x06\x00", 4));
  content.replace(52, 20, id);
  content.replace(300, 20, id);
  content.replace(1000, 28, "\x01" + time + "\x01YP_LAST_MODIFIED");
  return content;
}

TEST(Settle, TwoBuildsOfADatabaseBecomeOne) {
  const std::string one = database("aaaaabbbbbcccccddddd", "1700000001");
  const std::string two = database("eeeeefffffggggghhhhh", "1700009999");
  EXPECT_EQ(settled_berkeley_db(one, kEpoch), settled_berkeley_db(two, kEpoch));
  EXPECT_EQ(settled_berkeley_db(one, kEpoch), database(std::string(20, '\0'), "1767225600"));
}

TEST(Settle, OtherFilesStayAsTheyAre) {
  for (const std::string& content : {std::string(), std::string("short"), std::string(4096, 'x')})
    EXPECT_EQ(settled_berkeley_db(content, kEpoch), content);
}

}  // namespace
}  // namespace reburst::tree
