#include "builder/tree/deb.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>

#include "builder/tree/extract.hpp"
#include "core/file.hpp"
#include "tests/unit/tree/deb_builder.hpp"

namespace reburst::tree {
namespace {

using testing::ar;
using testing::DebText;
using testing::tar;
using testing::TarEntry;

struct Folder {
  TempDirectory temp = *TempDirectory::make("/tmp", "reburst-deb-test");
  fs::path path = temp.path();
};

constexpr const char* kHint =
    "tell whoever made the package; until it is mended, take another version of it or exclude it";

// Opens and unpacks; the first error's text, or "unpacked".
std::string outcome(const std::string& text, const DebLimits& limits = {}) {
  const Folder folder;
  const auto deb = Deb::open(testing::write(folder.path / "x.deb", text), limits);
  if (!deb) {
    EXPECT_EQ(deb.error().code, ErrorCode::kPackage);
    EXPECT_EQ(deb.error().hint, kHint);
    return deb.error().message;
  }
  const auto entries = extract(*deb, folder.path / "out");
  if (entries) return "unpacked";
  EXPECT_EQ(entries.error().code, ErrorCode::kPackage);
  EXPECT_EQ(entries.error().hint, kHint);
  return entries.error().message;
}

std::string with_data(const std::vector<TarEntry>& data) {
  DebText deb;
  deb.data = data;
  return deb.text();
}

TEST(Deb, UnpacksFilesLinksAndFoldersWithTheirModes) {
  DebText text;
  text.data = {{.name = "./usr/", .content = {}, .type = '5', .link = {}, .mode = 0755},
               {.name = "./usr/a", .content = "hello", .type = '0', .link = {}, .mode = 04755},
               {.name = "./usr/b", .content = {}, .type = '1', .link = "./usr/a"},
               {.name = "./usr/c", .content = {}, .type = '2', .link = "/etc/passwd"}};
  text.control_files = {{.name = "./postinst", .content = "#!/bin/sh\n"}};
  const Folder folder;
  const auto deb = Deb::open(testing::write(folder.path / "x.deb", text.text()));
  ASSERT_TRUE(deb) << deb.error().render();
  EXPECT_EQ(deb->control().get("Package"), "sample");
  EXPECT_EQ(deb->control_files().at("postinst"), "#!/bin/sh\n");
  const auto entries = extract(*deb, folder.path / "out");
  ASSERT_TRUE(entries) << entries.error().render();
  ASSERT_EQ(entries->size(), 4U);
  struct stat a {};
  struct stat b {};
  ASSERT_EQ(::stat((folder.path / "out/usr/a").c_str(), &a), 0);
  ASSERT_EQ(::stat((folder.path / "out/usr/b").c_str(), &b), 0);
  EXPECT_EQ(a.st_ino, b.st_ino);
  EXPECT_EQ(a.st_mode & 07777U, 04755U);
  EXPECT_EQ(a.st_mtime, 1700000000);
  EXPECT_EQ(fs::read_symlink(folder.path / "out/usr/c"), "/etc/passwd");
}

TEST(Deb, MakesFoldersThatAPackageLeavesOut) {
  EXPECT_EQ(outcome(with_data({{.name = "./opt/app/bin/app", .content = "x"}})), "unpacked");
}

TEST(Deb, RefusesHostileData) {
  struct Case {
    std::vector<TarEntry> data;
    const char* error;
  };
  const TarEntry folder{.name = "./d/", .content = {}, .type = '5', .link = {}, .mode = 0755};
  const std::vector<Case> cases = {
      {{{.name = "/etc/passwd", .content = "x"}},
       "cannot unpack \"x.deb\": the name \"/etc/passwd\" leads out of the tree"},
      {{{.name = "./../../etc/passwd", .content = "x"}},
       "cannot unpack \"x.deb\": the name \"./../../etc/passwd\" leads out of the tree"},
      {{folder, {.name = "./d/l", .content = {}, .type = '2', .link = "/tmp"}, {.name = "./d/l/x", .content = "x"}},
       "cannot unpack \"x.deb\": \"/d/l/x\" lies below a link or a file of the same package"},
      {{{.name = "./l", .content = {}, .type = '2', .link = "../../../tmp"}, {.name = "./l/x", .content = "x"}},
       "cannot unpack \"x.deb\": \"/l/x\" lies below a link or a file of the same package"},
      {{{.name = "./f", .content = "x"}, {.name = "./f/x", .content = "x"}},
       "cannot unpack \"x.deb\": \"/f/x\" lies below a link or a file of the same package"},
      {{{.name = "./h", .content = {}, .type = '1', .link = "/etc/shadow"}},
       "cannot unpack \"x.deb\": the target \"/etc/shadow\" of the hard link \"./h\" leads out of the tree"},
      {{{.name = "./h", .content = {}, .type = '1', .link = "./../../etc/shadow"}},
       "cannot unpack \"x.deb\": the target \"./../../etc/shadow\" of the hard link \"./h\" leads out of the tree"},
      {{{.name = "./l", .content = {}, .type = '2', .link = "/etc"},
        {.name = "./h", .content = {}, .type = '1', .link = "./l/shadow"}},
       "cannot unpack \"x.deb\": \"/l/shadow\" lies below a link or a file of the same package"},
      {{{.name = "./h", .content = {}, .type = '1', .link = "./later"}},
       "cannot unpack \"x.deb\": \"/h\" refers to something that the package does not hold before it"},
      {{{.name = "./n", .content = {}, .type = '3'}},
       "cannot unpack \"x.deb\": \"./n\" is a device, a pipe or a socket; packages make those in their scripts"},
      {{{.name = "./p", .content = {}, .type = '6'}},
       "cannot unpack \"x.deb\": \"./p\" is a device, a pipe or a socket; packages make those in their scripts"},
      {{{.name = "./a", .content = "1"}, {.name = "./a", .content = "2"}},
       "cannot unpack \"x.deb\": it holds \"/a\" twice"},
      {{{.name = "./a\nb", .content = "1"}}, "cannot unpack \"x.deb\": the name \"./a?b\" holds a line break"},
      {{{.name = "./h", .content = {}, .type = '1', .link = "./a\nb"}},
       "cannot unpack \"x.deb\": the target \"./a?b\" of the hard link \"./h\" holds a line break"},
      {{{.name = "./h", .content = {}, .type = '1', .link = "./"}},
       "cannot unpack \"x.deb\": the hard link \"./h\" has the root as its target"},
      {{{.name = "./big",
         .content = {},
         .type = '0',
         .link = {},
         .mode = 0644,
         .uid = 0,
         .gid = 0,
         .claimed_size = 7ULL << 30U},
        {.name = "./big2", .content = {}}},
       "cannot unpack \"x.deb\": \"data.tar\" is damaged: Truncated tar archive"},
      {{{.name = "./u", .content = "x", .type = '0', .link = {}, .mode = 0644, .uid = 70000}},
       "cannot unpack \"x.deb\": \"./u\" has an owner beyond 65535"},
  };
  for (const Case& c : cases) EXPECT_EQ(outcome(with_data(c.data)), c.error);
}

// A member whose name does not fit into its header, as GNU tar writes it.
std::vector<TarEntry> long_named(const std::string& name) {
  return {{.name = "././@LongLink", .content = name + std::string(1, '\0'), .type = 'L'},
          {.name = "./x", .content = "1"}};
}

TEST(Deb, RefusesNamesThatNoFileSystemTakes) {
  const std::string part(256, 'n');
  EXPECT_EQ(outcome(with_data(long_named("./" + part.substr(1)))), "unpacked");
  EXPECT_EQ(
      outcome(with_data(long_named("./" + part))),
      "cannot unpack \"x.deb\": the name \"./" + part.substr(0, 198) + "…\" has a part that is longer than 255 bytes");
  std::string deep = ".";
  while (deep.size() <= 4000) deep += "/deep";
  EXPECT_EQ(outcome(with_data(long_named(deep))),
            "cannot unpack \"x.deb\": the name \"" + deep.substr(0, 200) + "…\" is longer than 4000 bytes");
}

TEST(Deb, IsCalledAsItsCallerCallsIt) {
  const Folder folder;
  const auto file = testing::write(folder.path / "0123456789abcdef", "no package");
  EXPECT_EQ(Deb::open(file, {}, "app 1.0").error().message, "cannot unpack \"app 1.0\": it is not a Debian package");
}

TEST(Deb, RefusesAbsurdSizesBeforeReadingThem) {
  DebLimits limits;
  limits.file_bytes = 100;
  limits.total_bytes = 150;
  limits.control_bytes = 1000;
  limits.entries = 4;
  EXPECT_EQ(outcome(with_data({{.name = "./a", .content = std::string(101, 'x')}}), limits),
            "cannot unpack \"x.deb\": \"./a\" is of absurd size");
  EXPECT_EQ(outcome(with_data({{.name = "./a", .content = std::string(100, 'x')},
                               {.name = "./b", .content = std::string(51, 'x')}}),
                    limits),
            "cannot unpack \"x.deb\": its files are of absurd size together");
  EXPECT_EQ(outcome(with_data({{.name = "./a"}, {.name = "./b"}, {.name = "./c"}, {.name = "./d"}}), limits),
            "cannot unpack \"x.deb\": \"data.tar\" has too many entries");
  DebText text;
  text.control_files = {{.name = "./postinst", .content = std::string(2000, 'x')}};
  EXPECT_EQ(outcome(text.text(), limits), "cannot unpack \"x.deb\": its control archive is of absurd size");
}

TEST(Deb, RefusesWhatIsNoPackage) {
  const DebText good;
  const std::string control = good.control_tar();
  const std::string data = good.data_tar();
  struct Case {
    std::string text;
    const char* error;
  };
  const char* order =
      "cannot unpack \"x.deb\": its members are not debian-binary, control.tar and data.tar in this order";
  const std::vector<Case> cases = {
      {"", "cannot unpack \"x.deb\": it is not a Debian package"},
      {"not an archive at all", "cannot unpack \"x.deb\": it is not a Debian package"},
      {good.text().substr(0, good.text().size() - 700),
       "cannot unpack \"x.deb\": it is cut short: \"data.tar\" does not end"},
      {good.text() + "garbage", "cannot unpack \"x.deb\": it is cut short or has bytes after its end"},
      {ar({{"debian-binary", "2.0\n"}, {"data.tar", data}, {"control.tar", control}}), order},
      {ar({{"debian-binary", "2.0\n"}, {"control.tar", control}}), order},
      {ar({{"debian-binary", "2.0\n"}, {"control.tar", control}, {"data.tar", data}, {"extra", "x"}}), order},
      {ar({{"debian-binary", "3.0\n"}, {"control.tar", control}, {"data.tar", data}}),
       "cannot unpack \"x.deb\": its format version is not 2"},
      {ar({{"debian-binary", "2.0\n"}, {"control.tar.lz", control}, {"data.tar", data}}),
       "cannot unpack \"x.deb\": the compression of \"control.tar.lz\" is not supported"},
      {ar({{"debian-binary", "2.0\n"}, {"control.tar", tar({})}, {"data.tar", data}}),
       "cannot unpack \"x.deb\": its control archive has no control file"},
      {ar({{"debian-binary", "2.0\n"},
           {"control.tar", tar({{.name = "./control", .content = "Package: ab\nVersion: 1\n"}})},
           {"data.tar", data}}),
       "cannot unpack \"x.deb\": its control file has no \"Architecture\" field"},
      {ar({{"debian-binary", "2.0\n"},
           {"control.tar", tar({{.name = "./control", .content = "Package: ../x\nVersion: 1\nArchitecture: all\n"}})},
           {"data.tar", data}}),
       "cannot unpack \"x.deb\": its control file names no valid package"},
      {ar({{"debian-binary", "2.0\n"},
           {"control.tar", tar({{.name = "./sub/control", .content = "x"}})},
           {"data.tar", data}}),
       "cannot unpack \"x.deb\": its control archive holds \"./sub/control\", which is not a plain file"},
      {ar({{"debian-binary", "2.0\n"},
           {"control.tar", tar({{.name = "./control", .content = {}, .type = '2', .link = "/etc/shadow"}})},
           {"data.tar", data}}),
       "cannot unpack \"x.deb\": its control archive holds \"./control\", which is not a plain file"},
  };
  for (const Case& c : cases) EXPECT_EQ(outcome(c.text), c.error);
}

TEST(Deb, IgnoresSignaturesAsDpkgDoes) {
  const DebText good;
  EXPECT_EQ(outcome(ar({{"debian-binary", "2.0\n"},
                        {"_gpgorigin", "x"},
                        {"control.tar", good.control_tar()},
                        {"data.tar", good.data_tar()}})),
            "unpacked");
}

TEST(Deb, SurvivesEveryTruncationAndManyFlips) {
  const std::string text =
      with_data({{.name = "./a", .content = "hello"}, {.name = "./b", .content = {}, .type = '2', .link = "a"}});
  for (std::size_t length = 0; length < text.size(); length += 97)
    EXPECT_NE(outcome(text.substr(0, length)), "unpacked") << length;
  for (std::size_t at = 0; at < text.size(); at += 61) {
    std::string flipped = text;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x55);
    (void)outcome(flipped);  // any outcome but a crash or an error of another kind
  }
}

}  // namespace
}  // namespace reburst::tree
