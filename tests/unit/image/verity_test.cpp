#include "builder/image/verity.hpp"

#include <unistd.h>

#include "builder/image/bytes.hpp"
#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::need;
using testing::noise;
using testing::tool;

class VerityTree : public FolderTest {
 protected:
  Verity make(std::uint64_t blocks, std::size_t jobs, const std::string& name) {
    testing::write(folder_ / "data", noise(blocks * kBlock, 1));
    const Fd data = need(open_read(folder_ / "data"));
    const Fd hash = need(open_write(folder_ / name));
    return need(write_verity(data.get(), 0, blocks, hash.get(), 0, jobs));
  }
};

// Levels begin at 1, 128 and 128² blocks.
TEST_F(VerityTree, VeritysetupAcceptsEveryDepth) {
  for (const std::uint64_t blocks : {1U, 2U, 127U, 128U, 129U, 16384U, 16385U}) {
    SCOPED_TRACE(blocks);
    const Verity verity = make(blocks, 2, "hash");
    EXPECT_EQ(fs::file_size(folder_ / "hash"), verity.hash_blocks * kBlock);
    tool({"veritysetup", "verify", (folder_ / "data").string(), (folder_ / "hash").string(), verity.root_hash.hex()});
  }
}

TEST_F(VerityTree, EqualsVeritysetupsTree) {
  const Verity verity = make(300, 2, "hash");
  const std::string said = tool({"veritysetup", "format", "--salt=-", "--uuid=00000000-0000-0000-0000-000000000000",
                                 (folder_ / "data").string(), (folder_ / "reference").string()});
  EXPECT_THAT(said, ::testing::HasSubstr(verity.root_hash.hex()));
  EXPECT_TRUE(testing::read(folder_ / "hash").substr(kBlock) == testing::read(folder_ / "reference").substr(kBlock));
}

TEST_F(VerityTree, AChangedByteIsNoticed) {
  const Verity verity = make(200, 1, "hash");
  std::string data = testing::read(folder_ / "data");
  data[150 * kBlock + 7] ^= 1;
  testing::write(folder_ / "data", data);
  Command command;
  command.argv = {"veritysetup", "verify", (folder_ / "data").string(), (folder_ / "hash").string(),
                  verity.root_hash.hex()};
  EXPECT_NE(need(run(command)).status, 0);
}

TEST_F(VerityTree, TheBytesDoNotDependOnJobs) {
  const Verity one = make(5000, 1, "one");
  const Verity four = make(5000, 4, "four");
  EXPECT_EQ(one.root_hash, four.root_hash);
  EXPECT_TRUE(testing::read(folder_ / "one") == testing::read(folder_ / "four"));
}

TEST_F(VerityTree, SizesAreKnownBefore) {
  EXPECT_EQ(verity_blocks(1), 1U);
  EXPECT_EQ(verity_blocks(2), 2U);
  EXPECT_EQ(verity_blocks(128), 2U);
  EXPECT_EQ(verity_blocks(129), 1U + 2 + 1);
  EXPECT_EQ(verity_blocks(16385), 1U + 129 + 2 + 1);
}

TEST_F(VerityTree, DataThatIsCutShortIsAnError) {
  testing::write(folder_ / "data", noise(10 * kBlock, 1));
  const Fd data = need(open_read(folder_ / "data"));
  const Fd hash = need(open_write(folder_ / "hash"));
  EXPECT_EQ(write_verity(data.get(), 0, 11, hash.get(), 0, 1).error().message,
            "cannot read \"image\": it is cut short");
}

}  // namespace reburst::image
