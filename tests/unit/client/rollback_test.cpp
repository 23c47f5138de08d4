#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

// Everything is signed again with expiries `later`: only the versions are old.
void refresh(Repository& repository, Epoch later) {
  repository.root.header.expires = repository.targets.header.expires = later;
  repository.snapshot.header.expires = repository.timestamp.header.expires = later;
  repository.bump_root();
  repository.put_targets("targets");
  for (auto& [role, value] : repository.delegated) {
    value.header.expires = later;
    repository.put_targets(role);
  }
  repository.put_snapshot();
  repository.put_timestamp();
}

TEST(Rollback, OfTheTimestampIsRefused) {
  Repository repository;
  const auto before = repository.files;
  repository.bump("timestamp");
  const auto state = updated(repository);
  repository.files = before;
  const auto result = repository.update(state);
  expect_refused(result, ErrorCode::kIntegrity,
                 "cannot accept \"timestamp.json\": its version went back (TUF 5.4.3.1: rollback)\n  expected 2 or "
                 "later, seen by this machine before\n  actual   1");
  EXPECT_EQ(result.error().hint,
            "somebody shows this machine an old registry: a mirror that lags, a restored backup, or an attack; ask its "
            "keeper");
}

TEST(Rollback, OfTheSnapshotInANewTimestampIsRefused) {
  Repository repository;
  const auto before = repository.timestamp.snapshot;
  repository.bump("snapshot");
  const auto state = updated(repository);
  repository.timestamp.snapshot = before;
  repository.bump("timestamp");
  expect_refused(repository.update(state), ErrorCode::kIntegrity,
                 "cannot accept \"timestamp.json\": the version that it lists of \"snapshot.json\" went back (TUF "
                 "5.4.3.2: rollback)\n  expected 2 or later, seen by this machine before\n  actual   1");
}

TEST(Rollback, OfTargetsAndOfEveryDelegatedRoleIsRefused) {
  for (const std::string role : {"targets", "web-dev", "web-stable"}) {
    Repository repository;
    const auto before = repository.snapshot.meta.at(role + ".json");
    repository.bump(role);
    const auto state = updated(repository);
    repository.snapshot.meta[role + ".json"] = before;
    repository.bump("snapshot");
    const std::string message = "cannot accept \"3.snapshot.json\": the version that it lists of \"" + role +
                                ".json\" went back (TUF 5.5.5: rollback)\n  expected 2 or later, seen by this machine "
                                "before\n  actual   1";
    expect_refused(repository.update(state), ErrorCode::kIntegrity, message);
    // Whatever role is asked for.
    expect_refused(repository.update(state, {.delegated = {"web-stable"}}), ErrorCode::kIntegrity, message);
    EXPECT_TRUE(repository.update(repository.first())) << "a machine that has seen nothing has nothing to compare";
  }
}

TEST(Rollback, ARoleThatVanishesIsRefused) {
  Repository repository;
  const auto state = updated(repository);
  repository.snapshot.meta.erase("web-dev.json");
  repository.bump("snapshot");
  expect_refused(
      repository.update(state, {.delegated = {"web-stable"}}), ErrorCode::kIntegrity,
      "cannot accept \"2.snapshot.json\": it no longer lists \"web-dev.json\" (TUF 5.5.5: rollback)\n  expected "
      "1 or later, seen by this machine before\n  actual   nothing");
}

TEST(Rollback, ARoleThatIsNewIsTaken) {
  Repository repository;
  const auto state = updated(repository);
  repository.snapshot.meta["db-dev.json"] = repository.snapshot.meta.at("web-dev.json");
  repository.bump("snapshot");
  EXPECT_TRUE(repository.update(state));
}

// What was kept guards against rollback after it has expired, too: that is when a freeze turns into one.
TEST(Rollback, IsRefusedByExpiredMetadata) {
  constexpr Epoch kLater = kNow + 400 * kDay;
  for (const std::string role : {"timestamp", "snapshot", "targets", "web-dev", "web-stable"}) {
    Repository repository;
    Repository old = repository;
    repository.bump(role);
    const auto state = updated(repository);
    refresh(old, kLater + kDay);
    refresh(repository, kLater + kDay);
    repository.bump("timestamp");
    EXPECT_TRUE(repository.update(state, {.now = kLater})) << role;
    // What stands above the role is newer than all that was seen: the role alone went back.
    if (role != "timestamp") old.timestamp.header.version = 9;
    if (role != "timestamp" && role != "snapshot") old.snapshot.header.version = 9;
    old.put_snapshot();
    old.put_timestamp();
    const auto result = old.update(state, {.now = kLater});
    ASSERT_FALSE(result) << role;
    EXPECT_NE(result.error().message.find(": rollback)"), std::string::npos) << result.error().render();
  }
}

// A state that lost its snapshot still has the roles themselves.
TEST(Rollback, IsSeenByTheKeptRolesAlone) {
  for (const std::string role : {"targets", "web-stable"}) {
    Repository repository;
    const Repository old = repository;
    repository.bump(role);
    auto state = updated(repository);
    state.timestamp.clear();
    state.snapshot.clear();
    expect_refused(old.update(state), ErrorCode::kIntegrity,
                   "cannot accept \"1.snapshot.json\": the version that it lists of \"" + role +
                       ".json\" went back (TUF 5.5.5: rollback)\n  expected 2 or later, seen by this machine before\n  "
                       "actual   1");
  }
}

TEST(TrustedState, ThatIsBrokenIsSaidToBe) {
  const Repository repository;
  const auto good = updated(repository);
  const auto check = [&](std::string TrustedState::*part, const std::string& name) {
    auto state = good;
    state.*part = "{";
    const auto result = repository.update(state);
    expect_refused(result, ErrorCode::kIntegrity, "cannot read \"" + name + "\" as JSON: not JSON at byte 2");
    EXPECT_EQ(result.error().hint,
              "the trusted state is damaged: remove its folder, and give the registry's root again with --root");
  };
  check(&TrustedState::timestamp, "timestamp.json");
  check(&TrustedState::snapshot, "snapshot.json");
  check(&TrustedState::targets, "targets.json");
  auto state = good;
  state.delegated["web-dev"] = "[]";
  expect_refused(repository.update(state), ErrorCode::kIntegrity, "the metadata \"web-dev.json\": it is not an object");
}

}  // namespace
}  // namespace reburst::client
