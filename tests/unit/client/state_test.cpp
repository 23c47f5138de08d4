#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

constexpr auto kDamaged =
    "the trusted state is damaged: remove its folder, and give the registry's root again with --root";

TrustedState sample(const std::string& letter) {
  TrustedState state;
  state.root = letter + " root";
  state.timestamp = letter + " timestamp";
  state.snapshot = letter + " snapshot";
  state.targets = letter + " targets";
  state.delegated = {{"web-dev", letter + " dev"}, {"web-stable", letter + " stable"}};
  state.histories = {{"web-stable", letter + " history"}};
  state.latest_time = kNow;
  return state;
}

bool same(const TrustedState& a, const TrustedState& b) {
  return std::tie(a.root, a.timestamp, a.snapshot, a.targets, a.delegated, a.histories, a.latest_time) ==
         std::tie(b.root, b.timestamp, b.snapshot, b.targets, b.delegated, b.histories, b.latest_time);
}

class StateTest : public testing::Test {
 protected:
  void expect_damaged(const std::string& message) {
    const auto state = read_state(path_);
    ASSERT_FALSE(state);
    EXPECT_EQ(state.error().code, ErrorCode::kIntegrity);
    EXPECT_EQ(state.error().message, message);
    EXPECT_EQ(state.error().hint, kDamaged);
  }
  bool holds(const TrustedState& expected) {
    const auto state = read_state(path_);
    return state && *state && same(**state, expected);
  }
  bool holds_either(const TrustedState& one, const TrustedState& other) {
    const auto state = read_state(path_);
    return state && *state && (same(**state, one) || same(**state, other));
  }
  // Names beside the state that are not the state.
  std::size_t strangers() {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(path_.parent_path())) count += entry.path() == path_ ? 0U : 1U;
    return count;
  }

  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "state-test");
  fs::path path_ = folder_->path() / "trust" / "example.org";
};

TEST_F(StateTest, IsNothingWhereThereIsNone) {
  const auto state = read_state(path_);
  ASSERT_TRUE(state);
  EXPECT_FALSE(*state);
}

TEST_F(StateTest, IsReadAsItWasWritten) {
  ASSERT_TRUE(write_state(path_, sample("a")));
  EXPECT_TRUE(holds(sample("a")));
  EXPECT_EQ(*read_file(path_ / "latest-time", 100), "2026-11-21T00:00:00Z\n");
  EXPECT_EQ(*read_file(path_ / "delegated" / "web-stable.json", 100), "a stable");
  EXPECT_EQ(*read_file(path_ / "histories" / "web-stable.jsonl", 100), "a history");
  EXPECT_EQ(strangers(), 0U);
}

TEST_F(StateTest, ASlashAtTheEndChangesNothing) {
  ASSERT_TRUE(write_state(path_.string() + "/", sample("a")));
  EXPECT_TRUE(holds(sample("a")));
  EXPECT_EQ(strangers(), 0U);
}

TEST_F(StateTest, IsReplacedWhole) {
  ASSERT_TRUE(write_state(path_, sample("a")));
  TrustedState next;
  next.root = "b root";
  ASSERT_TRUE(write_state(path_, next));
  EXPECT_TRUE(holds(next)) << "nothing of the old state is left";
  EXPECT_EQ(strangers(), 0U);
}

// A writer that was killed leaves its folder beside the state: nobody reads it, and the next writer removes it.
TEST_F(StateTest, WhatAKilledWriterLeftIsNotRead) {
  ASSERT_TRUE(write_state(path_, sample("a")));
  const fs::path left = path_.parent_path() / ".reburst-trust-abc123";
  ASSERT_TRUE(make_directories(left / "delegated"));
  ASSERT_TRUE(write_file_atomic(left / "root.json", "half a root"));
  EXPECT_TRUE(holds(sample("a")));
  ASSERT_TRUE(write_state(path_, sample("b")));
  EXPECT_TRUE(holds(sample("b")));
  EXPECT_EQ(strangers(), 0U);
}

TEST_F(StateTest, AKillAtAnyMomentLeavesTheOldOrTheNew) {
  ASSERT_TRUE(write_state(path_, sample("a")));
  for (int round = 0; round < 10; ++round) {
    const pid_t writer = ::fork();
    ASSERT_GE(writer, 0);
    if (writer == 0) {
      for (;;) {
        (void)write_state(path_, sample("a"));
        (void)write_state(path_, sample("b"));
      }
    }
    ::usleep(static_cast<useconds_t>(2000 + 3700 * round));
    // While it writes, a reader sees one or the other.
    EXPECT_TRUE(holds_either(sample("a"), sample("b")));
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
    EXPECT_TRUE(holds_either(sample("a"), sample("b"))) << "round " << round;
  }
  ASSERT_TRUE(write_state(path_, sample("c")));
  EXPECT_EQ(strangers(), 0U);
}

TEST_F(StateTest, AFailureLeavesTheOld) {
  ASSERT_TRUE(write_state(path_, sample("a")));
  auto bad = sample("b");
  bad.delegated["no/such/folder"] = "text";
  EXPECT_FALSE(write_state(path_, bad));
  EXPECT_TRUE(holds(sample("a")));
  EXPECT_EQ(strangers(), 0U);
}

TEST_F(StateTest, DamageIsSaid) {
  ASSERT_TRUE(write_state(path_, sample("a")));
  fs::remove(path_ / "root.json");
  expect_damaged("\"" + path_.string() + "\" holds no trusted root");
  ASSERT_TRUE(write_state(path_, sample("a")));
  ASSERT_TRUE(write_file_atomic(path_ / "latest-time", "yesterday"));
  expect_damaged("\"" + (path_ / "latest-time").string() + "\" holds no time such as \"2026-01-01T00:00:00Z\"");
  ASSERT_TRUE(write_state(path_, sample("a")));
  fs::remove(path_ / "latest-time");
  expect_damaged("\"" + (path_ / "latest-time").string() + "\" holds no time such as \"2026-01-01T00:00:00Z\"");
}

TEST_F(StateTest, SizesAreBounded) {
  ASSERT_TRUE(write_state(path_, sample("a")));
  for (const auto& [file, most] : {std::pair{"timestamp.json", 1U << 20U}, {"delegated/web-dev.json", 10U << 20U}}) {
    ASSERT_TRUE(write_file_atomic(path_ / file, std::string(most, 'x')));
    EXPECT_TRUE(read_state(path_)) << file;
    ASSERT_TRUE(write_file_atomic(path_ / file, std::string(most + 1, 'x')));
    expect_damaged("\"" + (path_ / file).string() + "\" is larger than " + std::to_string(most) + " bytes");
    ASSERT_TRUE(write_state(path_, sample("a")));
  }
}

TEST_F(StateTest, WhatUpdateGivesIsWhatUpdateTakes) {
  Repository repository;
  auto state = updated(repository);
  state.histories["web-stable"] = "seen";
  ASSERT_TRUE(write_state(path_, state));
  repository.bump("web-stable");
  const auto kept = read_state(path_);
  ASSERT_TRUE(kept && *kept);
  EXPECT_TRUE(same(**kept, state));
  const auto next = repository.update(**kept);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->state.histories, state.histories);
}

}  // namespace
}  // namespace reburst::client
