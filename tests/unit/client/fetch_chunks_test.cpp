#include "registry/client/fetch_chunks.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>

#include "registry/chunks/id.hpp"
#include "tests/support/http/test_server.hpp"

namespace reburst::client {
namespace {

using namespace std::string_literals;
using test::ServerReply;
using test::ServerRequest;
using test::TestServer;

constexpr std::size_t kFrame = 20'000;

fetch::Options quick_options() {
  fetch::Options options;
  options.backoff_ms = 5;
  options.stall_seconds = 600;
  return options;
}

struct Outcome {
  Result<> result;
  std::chrono::steady_clock::duration took{};
  std::size_t taken = 0;
};

Outcome fetch_three(const TestServer& server, const fetch::Options& options) {
  std::vector<chunks::Wanted> wanted;
  for (const std::string& text : {"a"s, "b"s, "c"s})
    wanted.push_back({.id = chunks::id_of(std::as_bytes(std::span(text))), .size = kFrame});
  const auto fetch = fetch_chunks(server.uri() + "/chunks", options, 1);
  Outcome out;
  const auto begin = std::chrono::steady_clock::now();
  out.result = fetch(wanted, [&](std::size_t, const std::string& frame) -> Result<> {
    if (frame.size() == kFrame) ++out.taken;
    return {};
  });
  out.took = std::chrono::steady_clock::now() - begin;
  return out;
}

TEST(FetchChunks, BringsEachOnce) {
  const TestServer server([](const ServerRequest&) { return ServerReply{.body = std::string(kFrame, 'x')}; });
  const auto out = fetch_three(server, quick_options());
  ASSERT_TRUE(out.result) << out.result.error().render();
  EXPECT_EQ(out.taken, 3U);
}

TEST(FetchChunks, ASlowAnswerEndsAtTheDeadlineWhateverItsMoments) {
  const TestServer server([](const ServerRequest&) {
    return ServerReply{.body = std::string(kFrame, 'x'), .piece = 1000, .delay_ms = 500};
  });
  auto options = quick_options();
  options.deadline_seconds = 1;
  options.min_bytes_per_second = 60'000;  // a second for the bytes
  const auto out = fetch_three(server, options);
  ASSERT_FALSE(out.result);
  EXPECT_GT(out.took, std::chrono::milliseconds(1900));
  EXPECT_LT(out.took, std::chrono::seconds(4));
  const auto& error = out.result.error();
  EXPECT_EQ(error.code, ErrorCode::kNetwork);
  EXPECT_TRUE(error.message.starts_with("cannot fetch \"" + server.uri() + "/chunks/")) << error.message;
  EXPECT_TRUE(error.message.ends_with(".cacnk\": it was not done within 2 s")) << error.message;
}

TEST(FetchChunks, TheDeadlineGrowsWithWhatIsExpected) {
  const TestServer server([](const ServerRequest&) {
    return ServerReply{.body = std::string(kFrame, 'x'), .piece = 1000, .delay_ms = 100};  // each takes 2 s
  });
  auto options = quick_options();
  options.deadline_seconds = 1;
  options.min_bytes_per_second = 15'000;
  const auto out = fetch_three(server, options);
  EXPECT_TRUE(out.result) << out.result.error().render();
}

TEST(FetchChunks, AnEndlessAnswerIsCutOff) {
  const TestServer server([](const ServerRequest&) { return ServerReply{.endless = true}; });
  const auto out = fetch_three(server, quick_options());
  ASSERT_FALSE(out.result);
  EXPECT_EQ(out.result.error().code, ErrorCode::kIntegrity);
  EXPECT_TRUE(out.result.error().message.ends_with(".cacnk\" is larger than the chunk can be"));
}

}  // namespace
}  // namespace reburst::client
