#include "builder/image/cpio.hpp"

#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;

class Cpio : public FolderTest {};

static const std::vector<CpioEntry>& sample() {
  static const std::vector<CpioEntry> kEntries{{"init", 0100755, "#!/bin/true\n"},
                                               {"a/b.ko", 0100644, testing::noise(5001, 1)},
                                               {"a", 0040755},
                                               {"link", 0120777, "a/b.ko"},
                                               {"empty", 0100600}};
  return kEntries;
}

TEST_F(Cpio, CpioExtractsWhatWasPutIn) {
  testing::write(folder_ / "x.cpio", write_cpio(sample(), 1783764997));
  testing::unpack_cpio(folder_ / "x.cpio", folder_ / "out");
  EXPECT_EQ(testing::read(folder_ / "out/init"), "#!/bin/true\n");
  EXPECT_EQ(testing::read(folder_ / "out/a/b.ko"), testing::noise(5001, 1));
  EXPECT_EQ(fs::read_symlink(folder_ / "out/link"), "a/b.ko");
  EXPECT_EQ(testing::read(folder_ / "out/empty"), "");
  EXPECT_EQ(fs::status(folder_ / "out/init").permissions(), fs::perms{0755});
  EXPECT_EQ(fs::status(folder_ / "out/empty").permissions(), fs::perms{0600});
}

TEST_F(Cpio, HasTheBytesOfTheFormat) {
  const std::string bytes = write_cpio({{"f", 0100644, "hello"}}, 16);
  EXPECT_EQ(bytes.substr(0, 120),
            "070701"
            "00000001"
            "000081a4"
            "00000000"
            "00000000"
            "00000001"
            "00000010"
            "00000005"
            "00000000"
            "00000000"
            "00000000"
            "00000000"
            "00000002"
            "00000000" +
                std::string("f\0hello\0\0\0", 10));
  EXPECT_EQ(bytes.substr(120, 6), "070701");
  EXPECT_EQ(bytes.size() % 512, 0U);
}

TEST_F(Cpio, TheOrderGivenDoesNotMatter) {
  std::vector<CpioEntry> turned(sample().rbegin(), sample().rend());
  EXPECT_EQ(write_cpio(turned, 7), write_cpio(sample(), 7));
}

TEST_F(Cpio, ClampsTimesThatDoNotFit) {
  EXPECT_EQ(write_cpio({{"f", 0100644, ""}}, 1LL << 40U).substr(46, 8), "ffffffff");
  EXPECT_EQ(write_cpio({{"f", 0100644, ""}}, -5).substr(46, 8), "00000000");
}

}  // namespace reburst::image
