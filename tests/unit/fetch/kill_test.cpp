// A download that is killed goes on in the next process. Alone in its file: it forks, and must do so before any thread
// exists.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/fetch/support.hpp"

namespace reburst::fetch {
namespace {

TEST_F(FetchTest, GoesOnAfterAKill) {
  const std::string content = bytes(4'000'000);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::array<char, 64> uri{};
    const ssize_t length = ::read(pipe[0], uri.data(), uri.size());
    const Item wanted = item("big", {std::string(uri.data(), static_cast<std::size_t>(length)) + "/big"}, content);
    (void)get_all({wanted}, *cache_, options_, progress_);
    ::_exit(0);
  }
  test::TestServer server(
      [&](const test::ServerRequest&) { return test::ServerReply{.body = content, .delay_ms = 20}; });
  const std::string uri = server.uri();
  ASSERT_EQ(::write(pipe[1], uri.data(), uri.size()), static_cast<ssize_t>(uri.size()));

  const fs::path partial = cache_->partial_path(sha256(content));
  std::error_code error;
  for (int i = 0; i < 500 && (fs::file_size(partial, error) < 500'000 || error); ++i) ::usleep(10'000);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto kept = fs::file_size(partial);
  ASSERT_GE(kept, 500'000U);
  ASSERT_LT(kept, content.size());

  const auto blobs = get_all_of({item("big", {uri + "/big"}, content)});
  ASSERT_TRUE(blobs) << blobs.error().render();
  EXPECT_EQ(*sha256_file(blobs->at(0)), sha256(content));
  EXPECT_EQ(server.requests().back().range_start, kept);
  EXPECT_FALSE(fs::exists(partial));
}

}  // namespace
}  // namespace reburst::fetch
