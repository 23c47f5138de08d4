#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "registry/client/remote.hpp"
#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

constexpr auto kDamaged =
    "the trusted state is damaged: remove its folder, and give the registry's root again with --root";

// The same each time, signatures too. All have the same versions, so the one that is written last stays.
const TrustedState& sample(const std::string& letter) {
  static std::map<std::string, TrustedState> made;
  const auto known = made.find(letter);
  if (known != made.end()) return known->second;
  TrustedState& state = made[letter];
  state = updated(Repository(letter));
  state.histories = {{"web-stable", "history"}};
  state.epochs = {{"web-stable", 2U}};
  state.latest_time = kNow;
  return state;
}

// Both ways of two runs that overlap: `slow` began first and is written last.
TrustedState both(const fs::path& path, const TrustedState& quick, const TrustedState& slow) {
  fs::remove_all(path);
  EXPECT_TRUE(write_state(path, quick));
  EXPECT_TRUE(write_state(path, slow));
  return read_state(path).value().value();
}

bool same(const TrustedState& a, const TrustedState& b) {
  return std::tie(a.root, a.timestamp, a.snapshot, a.targets, a.delegated, a.histories, a.epochs, a.latest_time) ==
         std::tie(b.root, b.timestamp, b.snapshot, b.targets, b.delegated, b.histories, b.epochs, b.latest_time);
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
  const auto state = sample("a");
  ASSERT_TRUE(write_state(path_, state));
  EXPECT_TRUE(holds(state));
  EXPECT_EQ(*read_file(path_ / "latest-time", 100), "2026-11-21T00:00:00Z\n");
  EXPECT_EQ(*read_file(path_ / "delegated" / "web-stable.json", 10'000), state.delegated.at("web-stable"));
  EXPECT_EQ(*read_file(path_ / "histories" / "web-stable.jsonl", 100), "history");
  EXPECT_EQ(*read_file(path_ / "security-epochs.json", 100), "{\"web-stable\":2}\n");
  EXPECT_EQ(strangers(), 0U);
}

TEST_F(StateTest, ASlashAtTheEndChangesNothing) {
  ASSERT_TRUE(write_state(path_.string() + "/", sample("a")));
  EXPECT_TRUE(holds(sample("a")));
  EXPECT_EQ(strangers(), 0U);
}

TEST_F(StateTest, IsReplacedWhole) {
  ASSERT_TRUE(write_state(path_, sample("a")));
  ASSERT_TRUE(write_file_atomic(path_ / "delegated" / "notes.txt", "of nobody"));
  ASSERT_TRUE(write_state(path_, sample("b")));
  EXPECT_TRUE(holds(sample("b")));
  EXPECT_FALSE(fs::exists(path_ / "delegated" / "notes.txt"));
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
  (void)sample("b");  // made before the writer's time counts
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
  EXPECT_FALSE(write_state(path_, sample("a"))) << "what a damaged state knew is not written over";
  fs::remove_all(path_);
  ASSERT_TRUE(write_state(path_, sample("a")));
  ASSERT_TRUE(write_file_atomic(path_ / "latest-time", "yesterday"));
  expect_damaged("\"" + (path_ / "latest-time").string() + "\" holds no time such as \"2026-01-01T00:00:00Z\"");
  fs::remove_all(path_);
  ASSERT_TRUE(write_state(path_, sample("a")));
  fs::remove(path_ / "latest-time");
  expect_damaged("\"" + (path_ / "latest-time").string() + "\" holds no time such as \"2026-01-01T00:00:00Z\"");
  fs::remove_all(path_);
  ASSERT_TRUE(write_state(path_, sample("a")));
  const auto epochs = path_ / "security-epochs.json";
  ASSERT_TRUE(write_file_atomic(epochs, "[]"));
  expect_damaged("\"" + epochs.string() + "\" is no JSON object");
}

// Two pulls at once, of which the one that began first is held open and ends last.
// A part that is there and no file is damage, and not "never seen"; and nobody waits for a pipe's writer.
TEST_F(StateTest, APartThatIsNoFileIsDamage) {
  for (const std::string part :
       {"timestamp.json", "snapshot.json", "security-epochs.json", "histories/web-stable.jsonl"}) {
    ASSERT_TRUE(write_state(path_, sample("a-")));
    const auto file = path_ / part;
    fs::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
    expect_damaged("\"" + file.string() + "\" is not a file");
    fs::remove(file);
    fs::create_symlink("nowhere", file);
    expect_damaged("cannot open \"" + file.string() + "\": No such file or directory");
    fs::remove_all(path_);
  }
}

TEST_F(StateTest, ASlowRunPutsNothingBack) {
  Repository repository;
  const auto first = updated(repository);
  repository.bump("web-stable");
  auto slow = updated(repository, first);
  repository.bump_root();
  for (int i = 0; i < 3; ++i) repository.bump("web-stable");
  auto quick = updated(repository, first);
  slow.histories = {{"web-stable", "one\n"}, {"web-dev", "dev\n"}};
  quick.histories = {{"web-stable", "one\ntwo\n"}};
  slow.epochs = {{"web-stable", 1U}, {"web-dev", 4U}};
  quick.epochs = {{"web-stable", 3U}};
  quick.latest_time = kNow + 10;
  auto expected = quick;
  expected.histories["web-dev"] = "dev\n";
  expected.epochs["web-dev"] = 4U;
  EXPECT_TRUE(same(both(path_, quick, slow), expected));
  EXPECT_TRUE(same(both(path_, slow, quick), expected)) << "and the other way round";
  EXPECT_TRUE(repository.update(expected));
}

// Each knows something that the other does not: the newer root is one's, the newer timestamp the other's.
TEST_F(StateTest, OfTwoRunsEachNewerPartStays) {
  Repository repository;
  const auto first = updated(repository);
  auto slow = first;
  slow.delegated.erase("web-dev");
  repository.bump("web-dev");
  const auto quick = updated(repository, first);
  repository.bump_root();
  slow.root = updated(repository).root;
  auto expected = quick;
  expected.root = slow.root;
  EXPECT_TRUE(same(both(path_, quick, slow), expected));
}

// The recovery from versions that were moved forward with a stolen key (5.3.11) is not undone by a run of before it,
// and is not hindered by what it recovers from.
TEST_F(StateTest, WhatWasRecoveredStaysRecovered) {
  Repository repository;
  const auto first = updated(repository);
  for (int i = 0; i < 3; ++i) repository.bump("web-stable");
  const auto attacked = updated(repository, first);
  Repository mended;
  mended.root.roles["timestamp"] = role_keys({"timestamp-new"}, 1);
  mended.root.keys.emplace(key("timestamp-new").id(), key("timestamp-new"));
  mended.signers["timestamp"] = {"timestamp-new"};
  mended.bump_root();
  mended.put_timestamp();
  const auto recovered = updated(mended, attacked);
  EXPECT_EQ(recovered.let_go, attacked.root);
  EXPECT_TRUE(same(both(path_, attacked, recovered), recovered));
  EXPECT_TRUE(same(both(path_, recovered, attacked), recovered));
}

TEST_F(StateTest, TwoHistoriesThatContradictAreRefused) {
  auto state = sample("a");
  ASSERT_TRUE(write_state(path_, state));
  state.histories["web-stable"] = "hist of another kind";
  const auto written = write_state(path_, state);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kIntegrity);
  EXPECT_EQ(written.error().message,
            "cannot accept the channel's history: it does not begin with the one that this machine has seen");
  EXPECT_TRUE(holds(sample("a")));
}

TEST_F(StateTest, IsNamedAfterWhatTheRootsKeysSigned) {
  const auto root = Repository().first().root;
  const auto fewer = edited(root, [](Json& json) { json["signatures"].erase(0); });
  EXPECT_EQ(state_name(root), sha256(tuf::parse<tuf::Root>(root, "root.json")->signed_bytes).hex());
  EXPECT_EQ(state_name(root), state_name(root + "\n"));
  EXPECT_EQ(state_name(root), state_name(fewer));
  EXPECT_NE(state_name(root), state_name(Repository("other").first().root));
  EXPECT_EQ(state_name("no root"), sha256("no root").hex());
}

TEST_F(StateTest, IsNamedAfterThePlaceToo) {
  const auto root = Repository().first().root;
  const auto here = fs::current_path().string();
  for (const auto& [written, place] : std::vector<std::pair<std::string, std::string>>{
           {"registry", "file://" + here + "/registry"},
           {"./registry/", "file://" + here + "/registry"},
           {here + "/elsewhere/../registry", "file://" + here + "/registry"},
           {"file:///srv/registry/", "file:///srv/registry"},
           {"/srv/registry", "file:///srv/registry"},
           {"HTTP://Images.Example.org:80/a/B/", "http://images.example.org/a/B"},
           {"https://robot:secret@images.example.org:443", "https://images.example.org"},
           {"https://images.example.org:8443/", "https://images.example.org:8443"}}) {
    EXPECT_EQ(location(written), place) << written;
    EXPECT_EQ(state_name(root, written), fs::path(state_name(root)) / sha256(place).hex()) << written;
  }
  EXPECT_NE(state_name(root, "https://images.example.org"), state_name(root, "http://images.example.org"));
}

TEST_F(StateTest, TheLatestTimeIsThatOfAllPlaces) {
  EXPECT_EQ(latest_time(path_), 0);
  auto state = sample("a");
  for (const Epoch time : {Epoch{300}, Epoch{700}, Epoch{500}}) {
    state.latest_time = time;
    ASSERT_TRUE(write_state(path_ / sha256(std::to_string(time)).hex(), state));
  }
  ASSERT_TRUE(write_file_atomic(path_ / "notes", "mine"));
  EXPECT_EQ(latest_time(path_), 700);
  ASSERT_TRUE(write_file_atomic(path_ / sha256("700").hex() / "latest-time", "soon"));
  EXPECT_FALSE(latest_time(path_));
}

TEST_F(StateTest, SizesAreBounded) {
  ASSERT_TRUE(write_state(path_, sample("a")));
  for (const auto& [file, most] : {std::pair{"timestamp.json", 1U << 20U}, {"delegated/web-dev.json", 10U << 20U}}) {
    ASSERT_TRUE(write_file_atomic(path_ / file, std::string(most, 'x')));
    EXPECT_TRUE(read_state(path_)) << file;
    ASSERT_TRUE(write_file_atomic(path_ / file, std::string(most + 1, 'x')));
    expect_damaged("\"" + (path_ / file).string() + "\" is larger than " + std::to_string(most) + " bytes");
    fs::remove_all(path_);
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
