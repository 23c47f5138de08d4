#include "example.hpp"

namespace reburst::attest {

class FileList : public Example {
 protected:
  // The line of a path.
  std::string line(const std::string& path) {
    const std::string all = text(&write_file_list);
    const auto at = all.find("\"path\":\"" + path + "\"");
    if (at == std::string::npos) return "";
    const auto start = all.rfind('\n', at) + 1;
    return all.substr(start, all.find('\n', at) - start);
  }
};

TEST_F(FileList, HasALineForEveryPathInOrder) {
  const std::string all = text(&write_file_list);
  std::vector<std::string> paths;
  for (std::size_t at = 0; at < all.size(); at = all.find('\n', at) + 1) {
    const auto one = all.substr(at, all.find('\n', at) + 1 - at);
    const Json value = parse_json(one, "line").value();
    EXPECT_EQ(canonical_json(value), one);
    paths.push_back(value.at("path"));
  }
  std::vector<std::string> expected;
  for (const auto& file : image_.files) expected.push_back(file.path);
  EXPECT_EQ(paths, expected);
}

TEST_F(FileList, TellsOfEveryKindWhatItHas) {
  image_.files[3].uid = 1000;
  image_.files[3].gid = 33;
  EXPECT_EQ(line("/"), R"({"gid":0,"mode":"0755","path":"/","type":"folder","uid":0})");
  EXPECT_EQ(line("/dev/null"),
            R"({"device":"char 1:3","gid":0,"mode":"0666","path":"/dev/null","type":"device","uid":0})");
  EXPECT_EQ(line("/etc/motd"), R"({"gid":33,"mode":"0644","offset":1060864,"path":"/etc/motd","sha256":")" +
                                   sha256("hello").hex() + R"(","size":5,"type":"file","uid":1000})");
  EXPECT_EQ(line("/usr/bin/shop").substr(0, 25), R"({"gid":0,"mode":"4755","o)");
  EXPECT_EQ(line("/usr/sbin/nginx-link"),
            R"({"gid":0,"mode":"0777","package":"nginx","path":"/usr/sbin/nginx-link","target":"nginx","type":"link",)"
            R"("uid":0})");
}

TEST_F(FileList, SaysWhoOwnsANameAndWhereALaterNameLeads) {
  EXPECT_EQ(line("/usr/sbin/nginx"),
            R"({"gid":0,"mode":"0755","offset":1069056,"package":"nginx","path":"/usr/sbin/nginx","sha256":")" +
                sha256("ELF").hex() + R"(","size":3,"type":"file","uid":0,"xattrs":{"security.capability":"0102"}})");
  EXPECT_THAT(line("/usr/sbin/nginx-again"), testing::HasSubstr(R"("link_to":"/usr/sbin/nginx")"));
}

TEST_F(FileList, DevicesPipesAndSocketsHaveTheirNames) {
  add_file("/x/block", S_IFBLK | 0660).device = (8U << 8U) | 1U | (0x12U << 20U);
  add_file("/x/fifo", S_IFIFO | 0600);
  add_file("/x/socket", S_IFSOCK | 01777);
  EXPECT_EQ(line("/x/block"),
            R"({"device":"block 8:4609","gid":0,"mode":"0660","path":"/x/block","type":"device","uid":0})");
  EXPECT_EQ(line("/x/fifo"), R"({"gid":0,"mode":"0600","path":"/x/fifo","type":"fifo","uid":0})");
  EXPECT_EQ(line("/x/socket"), R"({"gid":0,"mode":"1777","path":"/x/socket","type":"socket","uid":0})");
}

TEST_F(FileList, BytesThatAreNotUtf8AreWrittenInDigitsAndSoIsTheMarkItself) {
  add_file("/x/\xff", S_IFLNK | 0777).target = "hex:61";
  EXPECT_EQ(line("hex:2f782fff"),
            R"({"gid":0,"mode":"0777","path":"hex:2f782fff","target":"hex:6865783a3631","type":"link","uid":0})");
  add_file("/x/\"\n", S_IFIFO | 0600);
  EXPECT_EQ(line(R"(/x/\"\n)"), R"({"gid":0,"mode":"0600","path":"/x/\"\n","type":"fifo","uid":0})");
}

TEST_F(FileList, AFileWithoutDataOrInACompressedImageHasNoOffset) {
  add_file("/x/empty", S_IFREG | 0600).offset.reset();
  EXPECT_EQ(line("/x/empty"), R"({"gid":0,"mode":"0600","path":"/x/empty","sha256":")" + sha256("").hex() +
                                  R"(","size":0,"type":"file","uid":0})");
}

}  // namespace reburst::attest
