#include "builder/resolve/local_package.hpp"

#include <gtest/gtest.h>

#include "core/process.hpp"
#include "tests/solver/fixture.hpp"

namespace reburst::resolve {
namespace {

using test::ar_member;
using test::tar_file;

class LocalPackageTest : public testing::Test {
 protected:
  fs::path write(const std::string& bytes) {
    const auto path = fixture_.folder() / "app_1.0_amd64.deb";
    EXPECT_TRUE(write_file_atomic(path, bytes));
    return path;
  }
  test::SolverFixture fixture_;
};

constexpr const char* kControl = "Package: app\nVersion: 1.0\nArchitecture: amd64\n";

TEST_F(LocalPackageTest, ReadsControlSizeAndDigest) {
  const auto file = fixture_.add_deb("app.deb", kControl);
  const auto package = read_local_package(file);
  ASSERT_TRUE(package) << package.error().render();
  EXPECT_EQ(package->control, kControl);
  EXPECT_EQ(package->size, fs::file_size(file));
  EXPECT_EQ(package->sha256, sha256_file(file).value());
}

TEST_F(LocalPackageTest, ReadsWhatDpkgDebBuilds) {
  const auto tree = fixture_.folder() / "tree";
  for (const std::string compression : {"xz", "gzip", "zstd", "none"}) {
    ASSERT_TRUE(make_directories(tree / "DEBIAN"));
    ASSERT_TRUE(write_file_atomic(tree / "DEBIAN/control",
                                  std::string(kControl) + "Maintainer: A <a@example.org>\nDescription: x\n"));
    const auto file = fixture_.folder() / (compression + ".deb");
    const auto built =
        run({.argv = {"dpkg-deb", "-Z" + compression, "--root-owner-group", "--build", tree.string(), file.string()}})
            .value();
    ASSERT_EQ(built.status, 0) << built.error;
    const auto package = read_local_package(file);
    ASSERT_TRUE(package) << compression << ": " << package.error().render();
    EXPECT_TRUE(package->control.starts_with(kControl));
  }
}

TEST_F(LocalPackageTest, RefusesHostileFiles) {
  const std::string magic = "!<arch>\n";
  const std::string version = ar_member("debian-binary", "2.0\n");
  const std::string good_tar = tar_file("./control", kControl) + std::string(1024, '\0');
  const std::string whole = magic + version + ar_member("control.tar", good_tar);
  const std::pair<const char*, std::string> table[] = {
      {"empty", ""},
      {"not an archive", std::string(4096, 'x')},
      {"magic alone", magic},
      {"no version", magic + ar_member("control.tar", good_tar)},
      {"format 3", magic + ar_member("debian-binary", "3.0\n") + ar_member("control.tar", good_tar)},
      {"no control.tar", magic + version + ar_member("data.tar", good_tar)},
      {"no control", magic + version + ar_member("control.tar", tar_file("./postinst", "x") + std::string(1024, '\0'))},
      {"cut in the header", whole.substr(0, magic.size() + 70)},
      {"cut in the tar", whole.substr(0, whole.size() - 1800)},
      {"garbage for a tar", magic + version + ar_member("control.tar.xz", std::string(700, 'y'))},
      {"absurd size", magic + version + ar_member("control.tar", good_tar).replace(48, 10, "9999999999")},
      {"two stanzas", magic + version +
                          ar_member("control.tar", tar_file("./control", std::string(kControl) + "\n" + kControl) +
                                                       std::string(1024, '\0'))},
      {"huge control",
       magic + version +
           ar_member("control.tar", tar_file("./control", std::string(5U << 20U, 'a')) + std::string(1024, '\0'))},
  };
  for (const auto& [name, bytes] : table) {
    const auto package = read_local_package(write(bytes));
    ASSERT_FALSE(package) << name;
    EXPECT_EQ(package.error().code, ErrorCode::kPackage) << name;
    EXPECT_TRUE(package.error().message.starts_with("cannot read the package \"app_1.0_amd64.deb\": "))
        << package.error().message;
  }
}

TEST_F(LocalPackageTest, TellsThatAFileIsMissing) {
  const auto package = read_local_package(fixture_.folder() / "none.deb");
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().code, ErrorCode::kMissing);
}

}  // namespace
}  // namespace reburst::resolve
