#include "registry/bundle/tar.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstring>

#include "core/file.hpp"

namespace reburst::bundle {
namespace {

struct Made {
  std::string name = "metadata/timestamp.json";
  char kind = '0';
  std::string content = "text";
  std::string link = {};
  std::string size = {};  // of the header; empty: the content's
};

// A header and content as POSIX.1-1988 has them (ustar), padded to blocks of 512.
std::string entry(const Made& made) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
  std::array<char, 16> size{};
  std::snprintf(size.data(), size.size(), "%011zo", made.content.size());
  put(0, made.name);
  put(100, "0000444");
  put(108, "0000000");
  put(116, "0000000");
  put(124, made.size.empty() ? std::string(size.data()) : made.size);
  put(136, "00000000000");
  put(148, "        ");
  header[156] = made.kind;
  put(157, made.link);
  put(257, std::string("ustar\00000", 8));
  unsigned sum = 0;
  for (const char one : header) sum += static_cast<unsigned char>(one);
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%06o", sum);
  put(148, std::string(text.data(), 7));
  return header + made.content + std::string((512 - made.content.size() % 512) % 512, '\0');
}

std::string archive(const std::string& entries) {
  return entries + std::string(1024, '\0');
}

// Names and contents, in order, or the first refusal.
Result<std::string> read_all(const std::string& bytes) {
  auto tar = REBURST_TRY(TarReader::over(std::as_bytes(std::span(bytes)), "b.tar"));
  std::string out;
  while (const auto one = REBURST_TRY(tar.next())) {
    out += one->name + "=";
    std::array<std::byte, 3> buffer{};
    for (;;) {
      const auto got = REBURST_TRY(tar.read(buffer));
      if (got == 0) break;
      out.append(reinterpret_cast<const char*>(buffer.data()), got);
    }
    out += ";";
  }
  return out;
}

constexpr std::string_view kHint = "export it again, or copy it again: compare the sizes on both sides";

TEST(BundleTar, ReadsPlainFilesInOrder) {
  const auto read = read_all(archive(entry({}) + entry({.name = "b", .content = std::string(513, 'x')}) +
                                     entry({.name = "c", .content = ""})));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, "metadata/timestamp.json=text;b=" + std::string(513, 'x') + ";c=;");
}

TEST(BundleTar, RefusesWhatIsNoPlainFileAndNamesIt) {
  const std::pair<Made, const char*> cases[] = {
      {{.kind = '1', .content = "", .link = "/etc/passwd"}, "is a hard link"},
      {{.kind = '2', .content = "", .link = "/etc/passwd"}, "is a symbolic link"},
      {{.kind = '3', .content = ""}, "is a device"},
      {{.kind = '4', .content = ""}, "is a device"},
      {{.kind = '5', .content = ""}, "is a folder"},
      {{.kind = '6', .content = ""}, "is a pipe"},
  };
  for (const auto& [made, why] : cases) {
    const auto read = read_all(archive(entry(made)));
    ASSERT_FALSE(read) << why;
    EXPECT_EQ(read.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(read.error().message, "cannot accept the bundle \"b.tar\": \"metadata/timestamp.json\" in it " +
                                        std::string(why) + ": only plain files belong there");
    EXPECT_EQ(read.error().hint, kHint);
  }
}

TEST(BundleTar, RefusesNamesThatAreNoPlainPathBeneathAFolder) {
  for (const char* name :
       {"/etc/passwd", "../x", "a/../x", "a/./x", "./x", "a//x", "a\\x", "a b", "a\x7f", "a\xc3\xa9", "a\nb"}) {
    const auto read = read_all(archive(entry({.name = name})));
    ASSERT_FALSE(read) << name;
    EXPECT_EQ(read.error().code, ErrorCode::kIntegrity);
    EXPECT_NE(read.error().message.find("\" in it is no plain path beneath a folder"), std::string::npos)
        << read.error().message;
  }
}

TEST(BundleTar, RefusesAnArchiveThatIsCutShortWhereverItIs) {
  const auto whole = entry({}) + entry({.name = "b", .content = std::string(2000, 'x')});
  for (const std::size_t cut :
       {std::size_t{1}, std::size_t{511}, std::size_t{513}, std::size_t{1100}, std::size_t{1537}, whole.size() - 600}) {
    const auto read = read_all(whole.substr(0, cut));
    ASSERT_FALSE(read) << cut;
    EXPECT_EQ(read.error().code, ErrorCode::kIntegrity);
    EXPECT_NE(read.error().message.find("cannot accept the bundle \"b.tar\": it is no tar, or is cut short"),
              std::string::npos)
        << read.error().message;
  }
}

TEST(BundleTar, RefusesWhateverFollowsItsEnd) {
  const auto entries = entry({}) + entry({.name = "b"});
  const std::string end(1024, '\0');
  for (const auto& good : {end, std::string(10240, '\0')}) EXPECT_TRUE(read_all(entries + good));
  for (const auto& rest : {end + "x", end + std::string(500, '\0') + "x", end + entries + end,
                           std::string(1000, '\0') + "x" + std::string(100, '\0'), std::string(10241, '\0'),
                           end + std::string(1U << 20U, '\0') + "x"}) {
    const auto read = read_all(entries + rest);
    ASSERT_FALSE(read) << rest.size();
    EXPECT_EQ(read.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(read.error().message, "cannot accept the bundle \"b.tar\": something follows behind its end");
    EXPECT_EQ(read.error().hint, kHint);
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{512}, std::size_t{1023}}) {
    const auto read = read_all(entries + end.substr(0, size));
    ASSERT_FALSE(read) << size;
    EXPECT_EQ(read.error().code, ErrorCode::kIntegrity);
  }
}

TEST(BundleTar, RefusesWhatIsNoTar) {
  for (const auto& bytes : {std::string(4096, 'x'), std::string("\x1f\x8b\x08\0", 4) + std::string(2000, '\1'),
                            entry({.size = "77777777777"})}) {
    const auto read = read_all(bytes);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kIntegrity);
  }
}

TEST(BundleTar, RefusesAnEntryThatWasNotReadToItsEnd) {
  const auto bytes = archive(entry({}) + entry({.name = "b"}));
  auto tar = TarReader::over(std::as_bytes(std::span(bytes)), "b.tar");
  ASSERT_TRUE(tar);
  ASSERT_TRUE(tar->next());
  const auto second = tar->next();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message,
            "cannot accept the bundle \"b.tar\": \"metadata/timestamp.json\" in it was not read to its end");
}

class BundleTarFile : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDirectory::make(fs::temp_directory_path(), "bundle-tar");
    ASSERT_TRUE(made);
    folder_.emplace(*std::move(made));
  }
  [[nodiscard]] const fs::path& folder() const { return folder_->path(); }

 private:
  std::optional<TempDirectory> folder_;
};

TEST_F(BundleTarFile, WritesNothingOfWhoWroteIt) {
  ASSERT_TRUE(write_file_atomic(folder() / "source", "content"));
  const std::string deep = "targets/" + std::string(120, 'a') + "/" + std::string(150, 'b');
  const auto write = [&](const std::string& name) -> Result<std::string> {
    const auto path = folder() / name;
    const Fd fd = REBURST_TRY(open_write(path));
    auto tar = REBURST_TRY(TarWriter::open(fd.get(), path.string()));
    REBURST_TRY(tar.add("bundle.json", folder() / "source", 7));
    REBURST_TRY(tar.add(deep, folder() / "source", 7));
    REBURST_TRY(tar.close());
    return read_file(path, 1U << 20U);
  };
  const auto first = write("a.tar");
  const auto second = write("b.tar");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  const auto read = read_all(*first);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, "bundle.json=content;" + deep + "=content;");
}

TEST_F(BundleTarFile, NoticesAFileThatChanges) {
  ASSERT_TRUE(write_file_atomic(folder() / "source", "content"));
  for (const std::uint64_t size : {6, 8}) {
    const auto fd = open_write(folder() / "a.tar");
    ASSERT_TRUE(fd);
    auto tar = TarWriter::open(fd->get(), "a.tar");
    ASSERT_TRUE(tar);
    const auto added = tar->add("bundle.json", folder() / "source", size);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().message, "\"" + (folder() / "source").string() + "\" changed while it was exported");
  }
}

TEST_F(BundleTarFile, OpensFilesOnly) {
  EXPECT_EQ(TarReader::open(folder()).error().message, "\"" + folder().string() + "\" is not a file");
  EXPECT_EQ(TarReader::open(folder() / "none").error().code, ErrorCode::kMissing);
  ASSERT_TRUE(write_file_atomic(folder() / "empty", ""));
  EXPECT_EQ(TarReader::open(folder() / "empty").error().message,
            "cannot accept the bundle \"" + (folder() / "empty").string() + "\": it is empty");
}

}  // namespace
}  // namespace reburst::bundle
