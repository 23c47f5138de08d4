#include "trial/test_initrd.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "builder/image/cpio.hpp"
#include "core/file.hpp"
#include "core/process.hpp"

namespace reburst::trial {
namespace {

// What GNU cpio says with `arguments` about an archive.
std::string cpio(const fs::path& folder, const std::string& archive, const std::vector<std::string>& arguments) {
  Command command;
  command.argv = {"cpio", "-i", "--quiet"};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  command.input = archive;
  command.directory = folder;
  const auto exit = reburst::run(command);
  EXPECT_TRUE(exit && exit->status == 0) << (exit ? exit->error : exit.error().render());
  return exit ? exit->out : "";
}

TEST(TestInitrd, IsTheReleasedOneWithAnotherInitAndTheAgent) {
  const auto folder = TempDirectory::make(fs::temp_directory_path(), "initrd").value();
  const std::string released =
      image::write_cpio({{"boot.conf", 0100644, "orders"}, {"init", 0100755, "the released one"}}, 0) + "odd";
  ASSERT_TRUE(write_file_atomic(folder.path() / "released", released));
  ASSERT_TRUE(write_test_initrd(folder.path() / "released", folder.path() / "test"));
  const std::string test = read_file(folder.path() / "test", 64U << 20U).value();
  ASSERT_TRUE(test.starts_with(released));
  const std::size_t appended = (released.size() + 511) / 512 * 512;
  const std::string added = test.substr(appended);
  const std::string init = cpio(folder.path(), added, {"--to-stdout", "init"});
  EXPECT_TRUE(
      init.starts_with("\x7f"
                       "ELF"));
  EXPECT_NE(init.find("/test/agent"), std::string::npos);
  const std::string agent = cpio(folder.path(), added, {"--to-stdout", "test/agent"});
  EXPECT_TRUE(
      agent.starts_with("\x7f"
                        "ELF"));
  EXPECT_NE(agent.find("reburst.test"), std::string::npos);
  EXPECT_EQ(cpio(folder.path(), added, {"--list"}), "init\ntest\ntest/agent\n");
}

}  // namespace
}  // namespace reburst::trial
