#include "fetch/fetch.hpp"

#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>

#include "fetch/partial.hpp"
#include "tests/unit/fetch/support.hpp"

namespace reburst::fetch {
namespace {

using test::ServerReply;
using test::ServerRequest;
using test::TestServer;

TEST_F(FetchTest, BringsManyItemsOverFewConnections) {
  TestServer server([](const ServerRequest& request) { return ServerReply{.body = bytes(5000, request.path.back())}; });
  std::vector<Item> items;
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    items.push_back(item(std::string(1, letter), {server.uri() + "/" + letter}, bytes(5000, letter)));
  }
  const auto blobs = get_all_of(items);
  ASSERT_TRUE(blobs) << blobs.error().render();
  for (std::size_t i = 0; i < items.size(); ++i) EXPECT_EQ(*sha256_file(blobs->at(i)), items[i].sha256);
  EXPECT_LE(server.connections(), options_.connections);
  EXPECT_EQ(progress_.begun, std::vector<std::string>{"fetch"});
  EXPECT_EQ(progress_.total, 26U * 5000U);
  EXPECT_EQ(progress_.done.load(), progress_.total);
  EXPECT_TRUE(fs::is_empty(cache_->root() / "partial"));
}

TEST_F(FetchTest, AsksForNothingThatIsInTheCache) {
  const auto blob = *cache_->put_blob("content");
  const auto blobs = get_all_of({item("x", {}, "content"), item("again", {"http://mirror.invalid/"}, "content")});
  ASSERT_TRUE(blobs);
  EXPECT_EQ(*blobs, (std::vector<fs::path>{blob, blob}));
  EXPECT_TRUE(progress_.begun.empty());
}

// As an empty cache would end: the size that is asked for is not the object's.
TEST_F(FetchTest, RefusesWhatTheCacheHasInAnotherSize) {
  ASSERT_TRUE(cache_->put_blob("hello"));
  auto wanted = item("app 1.0", {}, "hello");
  wanted.size = 1;
  for (const bool offline : {false, true}) {
    options_.offline = offline;
    const auto blobs = get_all_of({wanted});
    ASSERT_FALSE(blobs);
    EXPECT_EQ(blobs.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(blobs.error().message,
              "cannot accept \"app 1.0\" from the cache: wrong size\n  expected 1 bytes\n  actual   5 bytes");
    EXPECT_EQ(blobs.error().hint,
              "its SHA-256 is right, so what names the size is wrong: make the lock again, or use another mirror");
  }
}

TEST_F(FetchTest, FetchesAgainWhatWasCutShortInTheCache) {
  const auto blob = cache_->put_blob("hello").value();
  fs::permissions(blob, fs::perms::owner_write, fs::perm_options::add);
  fs::resize_file(blob, 3);
  const test::TestServer server([](const auto&) { return test::ServerReply{.body = "hello"}; });
  const auto blobs = get_all_of({item("app 1.0", {server.uri() + "/app"}, "hello")});
  ASSERT_TRUE(blobs) << blobs.error().render();
  EXPECT_EQ(read_file(blobs->front(), 100).value(), "hello");
}

TEST_F(FetchTest, TheSameContentTwiceIsFetchedOnce) {
  TestServer server([](const ServerRequest&) { return ServerReply{.body = "content"}; });
  const auto blobs =
      get_all_of({item("a", {server.uri() + "/a"}, "content"), item("b", {server.uri() + "/b"}, "content")});
  ASSERT_TRUE(blobs) << blobs.error().render();
  EXPECT_EQ(blobs->at(0), blobs->at(1));
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST_F(FetchTest, GoesOnAfterACutConnection) {
  const std::string content = bytes(1'000'000);
  TestServer server([&](const ServerRequest& request) {
    ServerReply reply{.body = content};
    if (request.number == 0) reply.cut_after = 400'000;
    return reply;
  });
  const auto blobs = get_all_of({item("big", {server.uri() + "/big"}, content)});
  ASSERT_TRUE(blobs) << blobs.error().render();
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].range_start, 400'000U);
  EXPECT_EQ(progress_.done.load(), content.size());
  ASSERT_EQ(progress_.notes.size(), 1U);
  EXPECT_TRUE(progress_.notes[0].starts_with("retrying \"big\": cannot fetch \"")) << progress_.notes[0];
}

TEST_F(FetchTest, LeavesASlowMirrorForTheNext) {
  const std::string content = bytes(2000);
  TestServer slow([&](const ServerRequest&) { return ServerReply{.body = content, .piece = 100, .delay_ms = 300}; });
  TestServer good([&](const ServerRequest&) { return ServerReply{.body = content}; });
  options_.stall_seconds = 1;
  options_.retries = 0;
  options_.min_bytes_per_second = 100'000;
  const auto blobs = get_all_of({item("x", {slow.uri() + "/x", good.uri() + "/x"}, content)});
  ASSERT_TRUE(blobs) << blobs.error().render();
  EXPECT_EQ(good.requests().size(), 1U);
}

// A mebibyte, a cut, then what does not fit: each attempt alone is worth another one.
TEST_F(FetchTest, AServerThatLeadsInCirclesIsGivenUpAtTheDeadline) {
  const std::string content = bytes(3U << 20U);
  TestServer server([&](const ServerRequest& request) {
    if (!request.range_start) return ServerReply{.body = content, .cut_after = 2U << 20U};
    return ServerReply{.status = 206, .body = "x", .headers = {"Content-Range: bytes 7-7/9"}, .ranges = false};
  });
  options_.min_bytes_per_second = 3U << 20U;
  options_.deadline_seconds = 1;
  const auto begin = std::chrono::steady_clock::now();
  const auto blobs = get_all_of({item("x", {server.uri() + "/x"}, content)});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4));
  ASSERT_FALSE(blobs);
  EXPECT_GT(server.requests().size(), 10U);
  EXPECT_EQ(blobs.error().code, ErrorCode::kNetwork);
  EXPECT_EQ(
      blobs.error().render(),
      "cannot fetch \"" + server.uri() + "/x\": it was not done within 2 s\n  while fetching \"x\"\n" +
          "  hint: the mirror is slow, or holds this machine up on purpose: try again later, or use another mirror");
}

TEST_F(FetchTest, ASlowAnswerEndsAtTheDeadlineWhateverItsMoments) {
  const std::string content = bytes(20'000);
  TestServer server([&](const ServerRequest&) { return ServerReply{.body = content, .piece = 1000, .delay_ms = 500}; });
  options_.min_bytes_per_second = 20'000;
  options_.stall_seconds = 600;
  options_.deadline_seconds = 1;
  const auto begin = std::chrono::steady_clock::now();
  const auto blobs = get_all_of({item("x", {server.uri() + "/x"}, content)});
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GT(took, std::chrono::milliseconds(1900));
  EXPECT_LT(took, std::chrono::seconds(4));
  ASSERT_FALSE(blobs);
  EXPECT_EQ(blobs.error().message, "cannot fetch \"" + server.uri() + "/x\": it was not done within 2 s");
}

TEST_F(FetchTest, TheDeadlineGrowsWithWhatIsExpected) {
  const std::string content = bytes(20'000);
  TestServer server([&](const ServerRequest&) { return ServerReply{.body = content, .piece = 1000, .delay_ms = 100}; });
  options_.min_bytes_per_second = 5000;  // 4 s beside the deadline's 1 s; the server takes 2 s
  options_.deadline_seconds = 1;
  EXPECT_TRUE(get_all_of({item("x", {server.uri() + "/x"}, content)}));
}

TEST_F(FetchTest, StartsAgainWhereTheServerHasNoRanges) {
  const std::string content = bytes(1'000'000);
  TestServer server([&](const ServerRequest& request) {
    ServerReply reply{.body = content, .ranges = false};
    if (request.number == 0) reply.cut_after = 400'000;
    return reply;
  });
  ASSERT_TRUE(get_all_of({item("big", {server.uri() + "/big"}, content)}));
  EXPECT_EQ(progress_.done.load(), content.size());
}

TEST_F(FetchTest, AnEarlyEndWithoutALengthIsTriedAgain) {
  const std::string content = bytes(100'000);
  TestServer server([&](const ServerRequest& request) {
    ServerReply reply{.body = content, .send_length = false};
    if (request.number == 0) reply.cut_after = 40'000;
    return reply;
  });
  ASSERT_TRUE(get_all_of({item("big", {server.uri() + "/big"}, content)}));
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST_F(FetchTest, AWrongRangeIsNotTaken) {
  const std::string content = bytes(100'000);
  TestServer server([&](const ServerRequest& request) {
    if (request.range_start)
      return ServerReply{.status = 206, .body = content, .headers = {"Content-Range: bytes 7-99999/100000"}};
    ServerReply reply{.body = content};
    if (request.number == 0) reply.cut_after = 40'000;
    return reply;
  });
  const auto blobs = get_all_of({item("big", {server.uri() + "/big"}, content)});
  ASSERT_TRUE(blobs) << blobs.error().render();
  EXPECT_EQ(server.requests().size(), 3U);
}

TEST_F(FetchTest, ADamagedPartialFileIsThrownAway) {
  const std::string content = bytes(100'000);
  ASSERT_TRUE(write_file_atomic(cache_->partial_path(sha256(content)), "garbage"));
  TestServer server([&](const ServerRequest&) { return ServerReply{.body = content}; });
  const auto blobs = get_all_of({item("big", {server.uri() + "/big"}, content)});
  ASSERT_TRUE(blobs) << blobs.error().render();
  ASSERT_EQ(server.requests().size(), 2U);
  EXPECT_EQ(server.requests()[0].range_start, 7U);
  EXPECT_EQ(server.requests()[1].range_start, std::nullopt);
}

TEST_F(FetchTest, APipeWhereADownloadGoesIsNotWrittenTo) {
  const std::string content = bytes(1U << 20U);
  TestServer server([&](const ServerRequest&) { return ServerReply{.body = content}; });
  const auto path = cache_->partial_path(sha256(content));
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto blobs = get_all_of({item("x", {server.uri() + "/x"}, content)});
  ASSERT_FALSE(blobs);
  EXPECT_EQ(blobs.error().render(),
            "\"" + path.string() +
                "\" is not a file\n  while fetching \"x\"\n  hint: remove it: it stands where a "
                "download goes");
}

TEST_F(FetchTest, ACompletePartialFileNeedsNoNetwork) {
  ASSERT_TRUE(write_file_atomic(cache_->partial_path(sha256("content")), "content"));
  ASSERT_TRUE(get_all_of({item("x", {"http://mirror.invalid/x"}, "content")}));
}

TEST_F(FetchTest, RefusesAWrongDigest) {
  TestServer server([](const ServerRequest&) { return ServerReply{.body = "CONTENT"}; });
  const std::string uri = server.uri() + "/x";
  const auto blobs = get_all_of({item("x", {uri}, "content")});
  ASSERT_FALSE(blobs);
  EXPECT_EQ(blobs.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(blobs.error().render(), "cannot accept \"" + uri + "\": wrong SHA-256\n  expected " +
                                        sha256("content").hex() + "\n  actual   " + sha256("CONTENT").hex() +
                                        "\n  while fetching \"x\"\n" +
                                        "  hint: the mirror is out of step with its index, or was tampered with: try "
                                        "again later, or use another mirror");
  EXPECT_FALSE(cache_->find_blob(sha256("content")));
  EXPECT_TRUE(fs::is_empty(cache_->root() / "partial"));
}

TEST_F(FetchTest, RefusesAWrongSize) {
  TestServer server([](const ServerRequest& request) {
    return request.path == "/endless" ? ServerReply{.endless = true}
                                      : ServerReply{.body = request.path == "/short" ? "cont" : "contents"};
  });
  for (const auto& [path, actual] : {std::pair{"/short", "4 bytes"}, {"/long", "more"}, {"/endless", "more"}}) {
    const std::string uri = server.uri() + path;
    const auto blobs = get_all_of({item("x", {uri}, "content")});
    ASSERT_FALSE(blobs);
    EXPECT_EQ(blobs.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(blobs.error().message,
              "cannot accept \"" + uri + "\": wrong size\n  expected 7 bytes\n  actual   " + actual);
  }
}

TEST_F(FetchTest, TakesTheNextMirror) {
  TestServer bad([](const ServerRequest& request) {
    if (request.path == "/missing") return ServerReply{.status = 404};
    if (request.path == "/down") return ServerReply{.status = 500};
    return ServerReply{.body = "CONTENT"};
  });
  TestServer good([](const ServerRequest&) { return ServerReply{.body = "content"}; });
  for (const auto* path : {"/missing", "/down", "/wrong"}) {
    const auto blobs =
        get_all_of({item("x", {bad.uri() + path, "file:///nonexistent/x", good.uri() + "/x"}, "content")});
    ASSERT_TRUE(blobs) << blobs.error().render();
    fs::remove(blobs->at(0));
  }
}

TEST_F(FetchTest, TheMostTellingFailureIsReported) {
  TestServer server([](const ServerRequest& request) {
    return request.path == "/wrong" ? ServerReply{.body = "CONTENT"} : ServerReply{.status = 404};
  });
  const auto code = [&](const std::vector<std::string>& paths) {
    std::vector<std::string> uris;
    for (const auto& path : paths) uris.push_back(server.uri() + path);
    return get_all_of({item("x", uris, "content")}).error().code;
  };
  EXPECT_EQ(code({"/missing", "/gone"}), ErrorCode::kMissing);
  EXPECT_EQ(code({"/missing", "/wrong", "/gone"}), ErrorCode::kIntegrity);
}

TEST_F(FetchTest, AnItemThatNoMirrorHasIsMissing) {
  const auto blobs = get_all_of({item("nginx 1.0", {}, "content")});
  ASSERT_FALSE(blobs);
  EXPECT_EQ(blobs.error().render(),
            "\"nginx 1.0\" is not in the cache and no configured mirror has it\n  while fetching \"nginx 1.0\"\n"
            "  hint: make a new lock, or configure a mirror that still has this version");
}

TEST_F(FetchTest, CopiesLocalFiles) {
  const fs::path file = folder_->path() / "a+b%.deb";
  ASSERT_TRUE(write_file_atomic(file, "content"));
  const std::string uri = "file://" + folder_->path().string() + "/a%2bb%25.deb";
  const auto blobs = get_all_of({item("x", {uri}, "content")});
  ASSERT_TRUE(blobs) << blobs.error().render();
  EXPECT_EQ(*read_file(blobs->at(0), 100), "content");
  EXPECT_EQ(*read_file(file, 100), "content");
  EXPECT_EQ(progress_.done.load(), 7U);
  EXPECT_EQ(get_all_of({item("y", {uri}, "CONTENT")}).error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(get_all_of({item("y", {uri}, "longer than that")}).error().message,
            "cannot accept \"" + uri + "\": wrong size\n  expected 16 bytes\n  actual   7 bytes");
  EXPECT_EQ(get_all_of({item("y", {"file:///dev/zero"}, "z")}).error().message,
            "cannot fetch \"file:///dev/zero\": there is no such file");
}

TEST_F(FetchTest, OfflineNamesWhatIsMissing) {
  options_.offline = true;
  std::vector<Item> items;
  for (int i = 0; i < 12; ++i)
    items.push_back(item("package-" + std::to_string(i), {"http://mirror.invalid/x"}, std::to_string(i)));
  (void)cache_->put_blob("3");
  const auto blobs = get_all_of(items);
  ASSERT_FALSE(blobs);
  EXPECT_EQ(blobs.error().code, ErrorCode::kMissing);
  EXPECT_EQ(blobs.error().render(),
            "11 of 12 files are not in the cache, and --offline forbids fetching them\n  package-0\n  package-1\n  "
            "package-2\n  package-4\n"
            "  package-5\n  package-6\n  package-7\n  package-8\n  package-9\n  package-10\n  and 1 more\n"
            "  hint: run the same command once without --offline");
}

TEST_F(FetchTest, OfflineStillReadsLocalFiles) {
  options_.offline = true;
  ASSERT_TRUE(write_file_atomic(folder_->path() / "x.deb", "content"));
  EXPECT_TRUE(
      get_all_of({item("x", {"http://mirror.invalid/x", "file://" + folder_->path().string() + "/x.deb"}, "content")}));
}

TEST_F(FetchTest, WaitsForAnotherProcessThatFetchesTheSame) {
  const std::string content = bytes(100'000);
  TestServer server([&](const ServerRequest&) { return ServerReply{.body = content}; });
  auto other = Partial::open(cache_->partial_path(sha256(content)));
  ASSERT_TRUE(other && *other);
  std::jthread finisher([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_TRUE((*other)->write(0, std::as_bytes(std::span(content))));
    EXPECT_TRUE(cache_->adopt_blob((*other)->path(), sha256(content)));
    other->reset();
  });
  const auto blobs = get_all_of({item("big", {server.uri() + "/big"}, content)});
  ASSERT_TRUE(blobs) << blobs.error().render();
  EXPECT_TRUE(server.requests().empty());
  EXPECT_TRUE(fs::is_empty(cache_->root() / "partial"));
}

}  // namespace
}  // namespace reburst::fetch
