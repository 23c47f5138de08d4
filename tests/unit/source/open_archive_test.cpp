#include "builder/source/open_archive.hpp"

#include "tests/unit/source/support.hpp"

namespace reburst::source {
namespace {

using test::ServerReply;
using test::ServerRequest;
using test::TestServer;

std::string packages(const std::string& name) {
  return "Package: " + name + "\nVersion: 1.0\nArchitecture: amd64\n\n";
}

class OpenArchiveTest : public ArchiveTest {
 protected:
  std::string only_index(const Result<Archive>& archive) {
    if (!archive) return archive.error().render();
    return archive->indexes.size() == 1 ? *read_file(archive->indexes[0].file, 1U << 20U) : "not one index";
  }
};

TEST_F(OpenArchiveTest, ReadsEveryForm) {
  archive_.packages["main/binary-amd64"] = packages("a");
  for (const auto& forms : {std::vector<std::string>{"", ".gz", ".xz"}, {"", ".gz"}, {".xz"}, {".gz"}, {""}}) {
    for (const bool by_hash : {true, false}) {
      archive_.forms = forms;
      archive_.by_hash = by_hash;
      publish();
      EXPECT_EQ(only_index(open()), packages("a"));
      fs::remove_all(cache_->root() / "blobs");
      fs::remove_all(cache_->root() / "derived");
      fs::remove_all(mirror_);
    }
  }
}

TEST_F(OpenArchiveTest, DescribesItsIndexes) {
  archive_.components = {"main", "contrib"};
  publish();
  const auto archive = open();
  ASSERT_TRUE(archive) << archive.error().render();
  ASSERT_EQ(archive->indexes.size(), 2U);
  const auto& index = archive->indexes[1];
  EXPECT_EQ(index.component, "contrib");
  EXPECT_EQ(index.architecture, "amd64");
  EXPECT_EQ(index.release, 0U);
  EXPECT_EQ(index.base_uri, uri_);
  EXPECT_EQ(index.size, fs::file_size(index.file));
  EXPECT_EQ(index.digest, *sha256_file(index.file));
  EXPECT_EQ(archive->architecture, "amd64");
}

TEST_F(OpenArchiveTest, FetchesNothingTwice) {
  publish();
  TestServer server(test::serve_folder(mirror_.string()));
  uri_ = server.uri();
  ASSERT_TRUE(open());
  EXPECT_EQ(server.requests().size(), 2U);
  EXPECT_NE(server.requests()[1].path.find("/by-hash/SHA256/"), std::string::npos);
  ASSERT_TRUE(open());
  EXPECT_EQ(server.requests().size(), 3U);  // InRelease again
}

TEST_F(OpenArchiveTest, ReadsSeveralRepositoriesInTheirOrder) {
  publish();
  archive_.codename = "bookworm-updates";
  archive_.suite = "oldstable-updates";
  archive_.date = "Sun, 12 Jul 2026 00:00:00 UTC";
  archive_.packages["main/binary-amd64"] = packages("updated");
  publish();
  auto updates = repository();
  auto main = updates;
  main.suite = "bookworm";
  const auto archive = open_archive({updates, main}, *cache_, options_, notes_);
  ASSERT_TRUE(archive) << archive.error().render();
  EXPECT_EQ(archive->releases[0].codename, "bookworm-updates");
  EXPECT_EQ(archive->indexes[1].release, 1U);
  EXPECT_EQ(iso_time(archive->newest_date()), "2026-07-12T00:00:00Z");
}

TEST_F(OpenArchiveTest, FallsBackToTheNameWhereByHashIsMissing) {
  publish();
  fs::remove_all(dists() / "main/binary-amd64/by-hash");
  EXPECT_TRUE(open());
}

// The smallest form is listed, and the mirror has it not.
TEST_F(OpenArchiveTest, FallsBackToTheNextFormThatIsListed) {
  archive_.packages["main/binary-amd64"] = packages("a");
  archive_.store_plain = true;
  for (const auto& gone : {std::vector<std::string>{".xz"}, {".xz", ".gz"}}) {
    for (const bool served : {false, true}) {
      archive_.by_hash = false;
      publish();
      for (const auto& form : gone) fs::remove(dists() / ("main/binary-amd64/Packages" + form));
      TestServer server(test::serve_folder(mirror_.string()));
      uri_ = served ? server.uri() : "file://" + mirror_.string();
      EXPECT_EQ(only_index(open()), packages("a"));
      fs::remove_all(cache_->root() / "blobs");
      fs::remove_all(cache_->root() / "derived");
    }
  }
}

TEST_F(OpenArchiveTest, FallsBackWhereTheReleaseFileListsNoPlainForm) {
  archive_.packages["main/binary-amd64"] = packages("a");
  archive_.forms = {".gz", ".xz"};
  archive_.by_hash = false;
  publish();
  fs::remove(dists() / "main/binary-amd64/Packages.xz");
  EXPECT_EQ(only_index(open()), packages("a"));
  fs::remove(dists() / "main/binary-amd64/Packages.gz");  // and then it is in the cache
  EXPECT_EQ(only_index(open()), packages("a"));
}

TEST_F(OpenArchiveTest, NamesTheFirstFormWhenNoneIsThere) {
  archive_.by_hash = false;
  publish();
  for (const auto* form : {".xz", ".gz"}) fs::remove(dists() / (std::string("main/binary-amd64/Packages") + form));
  refuses(ErrorCode::kMissing, "cannot fetch \"" + uri_ +
                                   "/dists/bookworm/main/binary-amd64/Packages.xz\": there is no such file\n"
                                   "  while fetching \"bookworm/main/binary-amd64/Packages.xz\"\n"
                                   "  hint: check the mirror's address");
}

// What differs from the signed list is no reason to look further.
TEST_F(OpenArchiveTest, DoesNotFallBackFromATamperedForm) {
  archive_.by_hash = false;
  publish();
  const auto path = dists() / "main/binary-amd64/Packages.xz";
  test::put_file(path, std::string(fs::file_size(path), 'x'));
  EXPECT_EQ(open().error().code, ErrorCode::kIntegrity);
}

TEST_F(OpenArchiveTest, ReadsTheArchitectureAllIndexWhereThereIsOne) {
  archive_.fields = {{"No-Support-for-Architecture-all", ""}};
  publish();
  ASSERT_TRUE(open());
  std::string release = archive_.write(mirror_);
  const std::string all = packages("for-all");
  release += " " + sha256(all).hex() + " " + std::to_string(all.size()) + " main/binary-all/Packages\n";
  test::put_file(dists() / "main/binary-all/Packages", all);
  sign(release);
  const auto archive = open();
  ASSERT_TRUE(archive) << archive.error().render();
  ASSERT_EQ(archive->indexes.size(), 2U);
  EXPECT_EQ(archive->indexes[1].architecture, "all");
}

TEST_F(OpenArchiveTest, FindsTheComponentsOfOldSecuritySuites) {
  publish();
  auto security = repository();
  security.components = {"updates/main"};
  const auto archive = open(security);
  ASSERT_TRUE(archive) << archive.error().render();
  EXPECT_EQ(archive->indexes[0].component, "main");
}

TEST_F(OpenArchiveTest, RefusesATamperedIndex) {
  publish();
  const auto path = dists() / "main/binary-amd64/Packages.xz";
  const auto size = fs::file_size(path);
  fs::remove_all(dists() / "main/binary-amd64/by-hash");
  test::put_file(path, std::string(size, 'x'));
  const auto archive = open();
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().code, ErrorCode::kIntegrity);
  EXPECT_TRUE(archive.error().message.starts_with("cannot accept \"" + uri_ +
                                                  "/dists/bookworm/main/binary-amd64/Packages.xz\": wrong SHA-256\n"))
      << archive.error().message;
}

TEST_F(OpenArchiveTest, RefusesATruncatedIndex) {
  publish();
  const auto path = dists() / "main/binary-amd64/Packages.xz";
  const auto content = test::get_file(path);
  fs::remove_all(dists() / "main/binary-amd64/by-hash");
  test::put_file(path, content.substr(0, content.size() - 10));
  const auto archive = open();
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(archive.error().message, "cannot accept \"" + uri_ +
                                         "/dists/bookworm/main/binary-amd64/Packages.xz\": wrong size\n  expected " +
                                         std::to_string(content.size()) + " bytes\n  actual   " +
                                         std::to_string(content.size() - 10) + " bytes");
}

TEST_F(OpenArchiveTest, RefusesAnIndexThatUnpacksToSomethingElse) {
  std::string release = archive_.write(mirror_);
  const auto plain = release.find("main/binary-amd64/Packages\n");
  const auto digest = release.rfind('\n', plain) + 2;
  release.replace(digest, 4, release.substr(digest, 4) == "0000" ? "1111" : "0000");
  sign(release);
  const auto archive = open();
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().code, ErrorCode::kIntegrity);
  EXPECT_TRUE(archive.error().message.starts_with(
      "cannot accept \"bookworm/main/binary-amd64/Packages.xz\": what it holds has the wrong SHA-256\n  expected "))
      << archive.error().message;
  EXPECT_EQ(archive.error().context.at(0), "unpacking \"bookworm/main/binary-amd64/Packages.xz\"");
}

TEST_F(OpenArchiveTest, SaysWhatIsNotOffered) {
  publish();
  auto wanted = repository();
  wanted.components = {"main", "contrb"};
  ASSERT_TRUE(open(wanted));
  EXPECT_EQ(notes_.lines,
            std::vector<std::string>{"warning: \"" + uri_ + "\" suite \"bookworm\" has no component \"contrb\""});
  wanted.components = {"contrb"};
  EXPECT_EQ(open(wanted).error().render(),
            "\"" + uri_ + "\" suite \"bookworm\" has none of the components contrb\n  hint: it has: main");
  options_.architecture = "riscv64";
  EXPECT_EQ(open().error().render(), "\"" + uri_ +
                                         "\" suite \"bookworm\" has no packages for riscv64, only for all amd64\n"
                                         "  hint: use a mirror that has the architecture, or restrict the source to "
                                         "others (Architectures: in apt's sources)");
}

TEST_F(OpenArchiveTest, RefusesWhatIsNoRepository) {
  auto flat = repository();
  flat.suite = "./";
  EXPECT_EQ(open(flat).error().render(),
            "cannot use \"" + uri_ +
                "\" with suite \"./\": flat repositories are not supported\n"
                "  hint: use a repository with suites and components (dists/SUITE/COMPONENT)");
  EXPECT_EQ(open_archive({}, *cache_, options_, notes_).error().render(),
            "no package source is configured\n  hint: add Debian's to /etc/apt/sources.list.d, or name mirrors in the "
            "recipe's sources:");
}

TEST_F(OpenArchiveTest, SurvivesAMirrorThatFalters) {
  publish();
  const auto files = test::serve_folder(mirror_.string());
  TestServer server([&](const ServerRequest& request) {
    if (request.number == 0) return ServerReply{.status = 500, .body = ""};
    return files(request);
  });
  uri_ = server.uri();
  const auto archive = open();
  EXPECT_TRUE(archive) << archive.error().render();
}

TEST_F(OpenArchiveTest, StopsEndlessBodies) {
  TestServer server([&](const ServerRequest&) { return ServerReply{.body = "", .endless = true}; });
  uri_ = server.uri();
  refuses(ErrorCode::kIntegrity, "cannot accept \"" + uri_ +
                                     "/dists/bookworm/InRelease\": it is larger than 33554432 bytes\n"
                                     "  hint: the address serves something else: check it, or use another mirror");
}

TEST_F(OpenArchiveTest, PasswordsStayOutOfMessages) {
  TestServer server([](const ServerRequest&) { return ServerReply{.status = 404, .body = ""}; });
  uri_ = "http://me:secret@" + server.uri().substr(7);
  const auto archive = open();
  ASSERT_FALSE(archive);
  EXPECT_EQ(archive.error().render().find("secret"), std::string::npos) << archive.error().render();
}

}  // namespace
}  // namespace reburst::source
