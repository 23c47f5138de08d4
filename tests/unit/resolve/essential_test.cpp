#include "builder/resolve/essential.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"

namespace reburst::resolve {
namespace {

using Names = std::set<std::string, std::less<>>;

class Essential : public ::testing::Test {
 protected:
  fs::path index(const std::string& name, const std::string& packages) const {
    const auto file = folder_.path() / name;
    EXPECT_TRUE(write_file_atomic(file, packages));
    return file;
  }
  TempDirectory folder_ = TempDirectory::make(fs::temp_directory_path(), "reburst-essential").value();
};

constexpr const char* kMain =
    "Package: bash\nArchitecture: amd64\nVersion: 5\nEssential: yes\n\n"
    "Package: init\nArchitecture: amd64\nVersion: 1\nEssential: yes\n\n"
    "Package: nginx\nArchitecture: amd64\nVersion: 1\nEssential: no\n\n"
    "Package: old\nArchitecture: i386\nVersion: 1\nEssential: yes\n\n"
    "Package: base-files\nArchitecture: all\nVersion: 12\nEssential: yes\n";

TEST_F(Essential, NamesWhatIsEssentialForTheArchitecture) {
  EXPECT_EQ(essential_names({index("main", kMain)}, "amd64").value(), (Names{"base-files", "bash", "init"}));
  EXPECT_EQ(essential_names({index("empty", "")}, "amd64").value(), Names{});
}

TEST_F(Essential, AVersionThatIsNotLeavesItOpen) {
  const auto updates = index("updates",
                             "Package: init\nArchitecture: amd64\nVersion: 2\n\n"
                             "Package: bash\nArchitecture: amd64\nVersion: 6\nEssential: yes\n");
  EXPECT_EQ(essential_names({index("main", kMain), updates}, "amd64").value(), (Names{"base-files", "bash"}));
  EXPECT_EQ(essential_names({updates, index("main", kMain)}, "amd64").value(), (Names{"base-files", "bash"}));
}

TEST_F(Essential, AnIndexThatIsNotThereIsAnError) {
  EXPECT_EQ(essential_names({folder_.path() / "none"}, "amd64").error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace reburst::resolve
