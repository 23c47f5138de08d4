#include <chrono>

#include "tests/unit/fetch/support.hpp"

namespace reburst::fetch {
namespace {

using test::ServerReply;
using test::ServerRequest;
using test::TestServer;

TEST(Get, ReadsADocument) {
  TestServer server([](const ServerRequest&) { return ServerReply{.body = "text"}; });
  EXPECT_EQ(*get(server.uri() + "/a b", 4, quick_options()), "text");
  EXPECT_EQ(server.requests().at(0).target, "/a%20b");
}

TEST(Get, StopsAnEndlessBody) {
  TestServer server([](const ServerRequest&) { return ServerReply{.endless = true}; });
  const auto text = get(server.uri() + "/x", 100'000, quick_options());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().render(), "cannot accept \"" + server.uri() + "/x\": it is larger than 100000 bytes\n" +
                                       "  hint: the address serves something else: check it, or use another mirror");
  EXPECT_EQ(text.error().code, ErrorCode::kIntegrity);
}

TEST(Get, TriesAgainWhatMayPass) {
  for (const int status : {500, 502, 503, 429, 408}) {
    TestServer server([&](const ServerRequest& request) {
      return ServerReply{.status = request.number < 2 ? status : 200, .body = "text"};
    });
    EXPECT_EQ(get(server.uri() + "/x", 100, quick_options()).value_or(""), "text") << status;
    EXPECT_EQ(server.requests().size(), 3U);
  }
}

TEST(Get, GivesUpInTheEnd) {
  TestServer server([](const ServerRequest&) { return ServerReply{.status = 503}; });
  const auto text = get(server.uri() + "/x", 100, quick_options());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kNetwork);
  EXPECT_EQ(text.error().render(),
            "cannot fetch \"" + server.uri() + "/x\": HTTP status 503 (asked 4 times)\n" +
                "  hint: the mirror is down or overloaded: try again later, or use another mirror");
  EXPECT_EQ(server.requests().size(), 4U);
}

TEST(Get, SaysWhenTheServerWantsToBeAskedAgain) {
  TestServer server([](const ServerRequest&) { return ServerReply{.status = 503, .headers = {"Retry-After: 3600"}}; });
  auto options = quick_options();
  options.retries = 0;
  const auto text = get(server.uri() + "/x", 100, options);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().render(),
            "cannot fetch \"" + server.uri() + "/x\": HTTP status 503, and wants to be asked again in 3600 s\n" +
                "  hint: the mirror is down or overloaded: try again then, or use another mirror");
}

TEST(Get, RefusesAPartThatItDidNotAskFor) {
  struct Case {
    std::vector<std::string> headers;
    const char* why;
  };
  for (const auto& each :
       {Case{{}, "the server sends a part (HTTP status 206) and does not say which"},
        Case{{"Content-Range: bytes */9"}, "the server sends a part (HTTP status 206) and does not say which"},
        Case{{"Content-Range: bytes 2-4/9"}, "the server sends another range than was asked for"}}) {
    TestServer server([&](const ServerRequest&) {
      return ServerReply{.status = 206, .body = "tex", .headers = each.headers, .ranges = false};
    });
    const auto text = get(server.uri() + "/x", 100, quick_options());
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, ErrorCode::kNetwork);
    EXPECT_EQ(text.error().render(),
              "cannot fetch \"" + server.uri() + "/x\": " + each.why +
                  "\n  hint: the server or a proxy on the way breaks HTTP (RFC 9110, 15.3.7): use another mirror");
  }
}

TEST(Get, DoesNotRepeatARefusal) {
  struct Case {
    int status;
    ErrorCode code;
    const char* hint;
  };
  for (const auto& each :
       {Case{404, ErrorCode::kMissing,
             "the mirror does not have it: check the address and the suite, or use another mirror"},
        Case{403, ErrorCode::kNetwork, "the mirror does not serve it to this machine: use another mirror"},
        Case{407, ErrorCode::kNetwork,
             "the proxy asks for a name and a password: give them in apt's Acquire::http::Proxy"},
        Case{400, ErrorCode::kNetwork, "check the mirror's address and the proxy"}}) {
    TestServer server([&](const ServerRequest&) { return ServerReply{.status = each.status}; });
    const auto text = get(server.uri() + "/x", 100, quick_options());
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, each.code);
    EXPECT_EQ(text.error().message,
              "cannot fetch \"" + server.uri() + "/x\": HTTP status " + std::to_string(each.status));
    EXPECT_EQ(text.error().hint, each.hint);
    EXPECT_EQ(server.requests().size(), 1U);
  }
}

TEST(Get, TakesForbiddenForMissingWhereThatIsAsked) {
  TestServer server([](const ServerRequest&) { return ServerReply{.status = 403}; });
  auto options = quick_options();
  options.forbidden_is_missing = true;
  const auto text = get(server.uri() + "/x", 100, options);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kMissing);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(Get, FollowsARedirectButNotForEverNorToFiles) {
  TestServer server([](const ServerRequest& request) {
    if (request.path == "/once") return ServerReply{.status = 302, .headers = {"Location: /text"}};
    if (request.path == "/loop") return ServerReply{.status = 302, .headers = {"Location: /loop"}};
    if (request.path == "/file") return ServerReply{.status = 302, .headers = {"Location: file:///etc/hostname"}};
    return ServerReply{.body = "text"};
  });
  EXPECT_EQ(*get(server.uri() + "/once", 100, quick_options()), "text");
  for (const auto* path : {"/loop", "/file"}) {
    const auto text = get(server.uri() + path, 100, quick_options());
    ASSERT_FALSE(text) << path;
    EXPECT_EQ(text.error().code, ErrorCode::kNetwork);
    EXPECT_EQ(text.error().hint, "the mirror redirects to an address that is not followed: use another mirror");
  }
}

TEST(Get, StaysOnTheServerWhereThatIsAsked) {
  TestServer other([](const ServerRequest&) { return ServerReply{.body = "text"}; });
  TestServer server([&](const ServerRequest& request) {
    if (request.path == "/text") return ServerReply{.body = "text"};
    const auto to = request.path == "/away"    ? other.uri() + "/text"
                    : request.path == "/local" ? std::string("file:///etc/hostname")
                    : request.path == "/host"  ? std::string("//example.org/text")
                                               : std::string("/text");
    return ServerReply{.status = 302, .headers = {"Location: " + to}};
  });
  auto options = quick_options();
  options.same_origin = true;
  EXPECT_EQ(*get(server.uri() + "/within", 100, options), "text");
  const std::pair<const char*, std::string> cases[] = {
      {"/away", other.uri() + "/text"}, {"/local", "file:///etc/hostname"}, {"/host", "//example.org/text"}};
  for (const auto& [path, to] : cases) {
    const auto text = get(server.uri() + path, 100, options);
    ASSERT_FALSE(text) << path;
    EXPECT_EQ(text.error().code, ErrorCode::kNetwork);
    EXPECT_EQ(text.error().render(), "cannot fetch \"" + server.uri() + path + "\": the server redirects to \"" + to +
                                         "\", which is elsewhere\n" +
                                         "  hint: if that is where its files are now, name that address");
  }
  EXPECT_TRUE(other.requests().empty());
  EXPECT_EQ(*get(server.uri() + "/away", 100, quick_options()), "text");
}

TEST(Get, GivesUpAStalledConnection) {
  TestServer server([](const ServerRequest&) { return ServerReply{.body = "text", .stall = true}; });
  auto options = quick_options();
  options.stall_seconds = 1;
  options.retries = 0;
  const auto text = get(server.uri() + "/x", 100, options);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kNetwork);
  EXPECT_NE(text.error().message.find("too slow"), std::string::npos) << text.error().message;
}

// A server that drips: never silent, never done.
ServerReply drip(std::size_t bytes_at_once, unsigned every_ms) {
  return {.body = bytes(2000), .piece = bytes_at_once, .delay_ms = every_ms};
}

TEST(Get, GivesUpAConnectionThatDrips) {
  TestServer server([](const ServerRequest&) { return drip(1, 1000); });
  auto options = quick_options();
  options.stall_seconds = 1;
  options.retries = 0;
  const auto text = get(server.uri() + "/x", 2000, options);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kNetwork);
  EXPECT_NE(text.error().message.find("too slow. Less than 100 bytes/sec"), std::string::npos) << text.error().message;
}

TEST(Get, TheFloorOfThePaceIsTheCallers) {
  TestServer server([](const ServerRequest&) { return drip(100, 100); });  // 1000 bytes a second, for 2 seconds
  auto options = quick_options();
  options.stall_seconds = 1;
  options.retries = 0;
  EXPECT_TRUE(get(server.uri() + "/x", 2000, options));
  options.min_bytes_per_second = 100'000;
  const auto text = get(server.uri() + "/x", 2000, options);
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find("Less than 100000 bytes/sec"), std::string::npos) << text.error().message;
}

TEST(Get, IsDoneWithinItsDeadline) {
  TestServer server([](const ServerRequest&) { return drip(1, 1000); });
  auto options = quick_options();
  options.min_bytes_per_second = 0;  // only the deadline is left
  options.deadline_seconds = 1;
  const auto begin = std::chrono::steady_clock::now();
  const auto text = get(server.uri() + "/x", 2000, options);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1900));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kNetwork);
  EXPECT_EQ(
      text.error().render(),
      "cannot fetch \"" + server.uri() + "/x\": it was not done within 1 s\n" +
          "  hint: the mirror is slow, or holds this machine up on purpose: try again later, or use another mirror");
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(Get, RetriesAndPausesCountTowardsTheDeadline) {
  TestServer server([](const ServerRequest&) { return ServerReply{.status = 503, .headers = {"Retry-After: 5"}}; });
  auto options = quick_options();
  options.deadline_seconds = 2;
  const auto begin = std::chrono::steady_clock::now();
  const auto text = get(server.uri() + "/x", 100, options);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().render(),
            "cannot fetch \"" + server.uri() + "/x\": it was not done within 2 s\n" +
                "  the last answer: HTTP status 503, and wants to be asked again in 5 s\n" +
                "  hint: the mirror is down or overloaded: try again then, or use another mirror");
}

TEST(Get, ADeadlineThatIsFarAwayChangesNothing) {
  TestServer server([](const ServerRequest& request) {
    return ServerReply{.status = request.number < 2 ? 500 : 200, .body = "text"};
  });
  auto options = quick_options();
  options.deadline_seconds = 60;
  EXPECT_EQ(get(server.uri() + "/x", 100, options).value_or(""), "text");
}

TEST(Get, SaysWhenNobodyAnswers) {
  std::string uri;
  {
    TestServer server([](const ServerRequest&) { return ServerReply{}; });
    uri = server.uri() + "/x";
  }
  const auto text = get(uri, 100, quick_options());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kNetwork);
  EXPECT_TRUE(text.error().message.starts_with("cannot fetch \"" + uri + "\": Failed to connect"))
      << text.error().message;
  EXPECT_EQ(text.error().hint, "check the network, the mirror's address and the proxy");
}

TEST(Get, ReadsAFile) {
  const auto folder = TempDirectory::make("/tmp", "get-test");
  ASSERT_TRUE(write_file_atomic(folder->path() / "a b", "text"));
  const std::string uri = "file://" + folder->path().string() + "/a%20b";
  EXPECT_EQ(*get(uri, 4, quick_options()), "text");
  EXPECT_EQ(get(uri, 3, quick_options()).error().message, "cannot accept \"" + uri + "\": it is larger than 3 bytes");
  EXPECT_EQ(get(uri + "x", 4, quick_options()).error().code, ErrorCode::kMissing);
}

TEST(Get, ReachesNoNetworkOffline) {
  auto options = quick_options();
  options.offline = true;
  const auto text = get("http://mirror.invalid/x", 4, options);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().render(),
            "1 of 1 files are not in the cache, and --offline forbids fetching them\n  http://mirror.invalid/x\n"
            "  hint: run the same command once without --offline");
  EXPECT_EQ(text.error().code, ErrorCode::kMissing);
}

}  // namespace
}  // namespace reburst::fetch
