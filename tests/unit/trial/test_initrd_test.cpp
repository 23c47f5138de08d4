#include "trial/test_initrd.hpp"

#include <gtest/gtest.h>

#include "builder/image/cpio.hpp"
#include "core/file.hpp"
#include "core/process.hpp"

namespace reburst::trial {
namespace {

std::string extracted(const fs::path& folder, const std::string& initrd, const std::string& name) {
  Command cpio;
  cpio.argv = {"cpio", "-i", "--quiet", "--to-stdout", name};
  cpio.input = initrd;
  cpio.directory = folder;
  const auto exit = reburst::run(cpio);
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
  const std::string init = extracted(folder.path(), added, "init");
  EXPECT_TRUE(
      init.starts_with("\x7f"
                       "ELF"));
  EXPECT_NE(init.find("/test/agent"), std::string::npos);
  const std::string agent = extracted(folder.path(), added, "test/agent");
  EXPECT_TRUE(
      agent.starts_with("\x7f"
                        "ELF"));
  EXPECT_NE(agent.find("reburst.test"), std::string::npos);
  EXPECT_EQ(added.find("boot.conf"), std::string::npos);
}

}  // namespace
}  // namespace reburst::trial
