#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

// Puts another key in the place of a role's, and has it sign from now on.
void rotate(Repository& repository, const std::string& role, const std::string& to, unsigned threshold = 1) {
  repository.signers[role] = {to};
  if (role.starts_with("web-")) {
    for (auto& delegation : repository.targets.delegations) {
      if (delegation.name == role) delegation.keys = role_keys({to}, threshold);
    }
    repository.targets.keys.emplace(key(to).id(), key(to));
    repository.bump("targets");
    repository.bump(role);
    return;
  }
  repository.root.keys.emplace(key(to).id(), key(to));
  repository.root.roles[role] = role_keys({to}, threshold);
  repository.bump_root();
  repository.bump(role);
}

TEST(Rotation, OfEveryKeyIsFollowed) {
  for (const auto* role : {"targets", "snapshot", "timestamp", "web-stable"}) {
    Repository repository;
    auto state = updated(repository);
    rotate(repository, role, std::string("new-") + role);
    state = updated(repository, state);
    EXPECT_EQ(state.timestamp, repository.served("timestamp")) << role;
    EXPECT_TRUE(repository.update(repository.first())) << role;
  }
}

TEST(Rotation, TheOldKeyCountsNoMore) {
  struct Case {
    const char *role, *old_key, *rule;
  };
  for (const auto& [role, old_key, rule] : {Case{"targets", "targets", "(TUF 5.6.3: arbitrary software)"},
                                            Case{"snapshot", "snapshot", "(TUF 5.5.3: arbitrary software)"},
                                            Case{"timestamp", "p256-timestamp", "(TUF 5.4.2: arbitrary software)"},
                                            Case{"web-dev", "dev", "(TUF 5.6.3: arbitrary software)"}}) {
    Repository repository;
    const auto state = updated(repository);
    rotate(repository, role, std::string("new-") + role);
    repository.signers[role] = {old_key};
    repository.bump(role);
    expect_refused(
        repository.update(state), ErrorCode::kSignature,
        "cannot trust the metadata \"" + repository.name(role) + "\": 0 of 1 keys signed it, and 1 must " + rule);
  }
}

// An attacker with the keys of timestamp and snapshot moves the versions out of reach (TUF 1.5.2, fast-forward).
Repository fast_forwarded() {
  Repository repository;
  repository.snapshot.header.version = 1'000'000;
  repository.timestamp.header.version = 1'000'000;
  repository.put_snapshot();
  repository.put_timestamp();
  return repository;
}

// The keeper signs on where the registry stood before.
void restore(Repository& repository) {
  repository.snapshot.header.version = 2;
  repository.timestamp.header.version = 2;
  repository.put_snapshot();
  repository.put_timestamp();
}

TEST(FastForward, IsNotUndoneWithTheSameKeys) {
  auto repository = fast_forwarded();
  const auto state = updated(repository);
  restore(repository);
  repository.bump_root();  // a new root alone changes nothing
  expect_refused(
      repository.update(state), ErrorCode::kIntegrity,
      "cannot accept \"timestamp.json\": its version went back (TUF 5.4.3.1: rollback)\n  expected 1000000 or "
      "later, seen by this machine before\n  actual   2");
}

TEST(FastForward, IsRecoveredFromByAnotherKeyOfTimestampOrSnapshot) {
  for (const auto* role : {"timestamp", "snapshot"}) {
    auto repository = fast_forwarded();
    auto state = updated(repository);
    rotate(repository, role, std::string("new-") + role);
    restore(repository);
    state = updated(repository, state);
    EXPECT_EQ(state.timestamp, repository.served("timestamp"));
    EXPECT_EQ(state.snapshot, repository.served("snapshot"));
    // From here on, the restored versions are what is compared with.
    repository.timestamp.header.version = 1;
    repository.put_timestamp();
    EXPECT_EQ(repository.update(state).error().code, ErrorCode::kIntegrity);
  }
}

TEST(FastForward, IsRecoveredFromByARaisedThreshold) {
  auto repository = fast_forwarded();
  const auto state = updated(repository);
  repository.root.roles["timestamp"] = role_keys({"p256-timestamp", "timestamp-2"}, 2);
  repository.root.keys.emplace(key("timestamp-2").id(), key("timestamp-2"));
  repository.signers["timestamp"].push_back("timestamp-2");
  repository.bump_root();
  restore(repository);
  EXPECT_TRUE(repository.update(state));
}

// A key that went and came back on the way was changed all the same.
TEST(FastForward, IsRecoveredFromByAChangeOnTheWay) {
  auto repository = fast_forwarded();
  const auto state = updated(repository);
  rotate(repository, "timestamp", "new-timestamp");
  rotate(repository, "timestamp", "p256-timestamp");
  restore(repository);
  EXPECT_TRUE(repository.update(state));
}

// Of the delegated roles' versions, too: also of those that were not asked for in the run that recovered.
TEST(FastForward, OfADelegatedRoleIsRecoveredFrom) {
  Repository repository;
  repository.delegated["web-dev"].header.version = 1'000'000;
  repository.bump("web-dev");
  const auto state = updated(repository);
  repository.delegated["web-dev"].header.version = 2;
  repository.put_targets("web-dev");
  repository.bump("snapshot");
  expect_refused(
      repository.update(state), ErrorCode::kIntegrity,
      "cannot accept \"3.snapshot.json\": the version that it lists of \"web-dev.json\" went back (TUF 5.5.5: "
      "rollback)\n  expected 1000001 or later, seen by this machine before\n  actual   2");
  rotate(repository, "snapshot", "new-snapshot");
  const auto recovered = repository.update(state, {.delegated = {"web-stable"}});
  ASSERT_TRUE(recovered) << recovered.error().render();
  EXPECT_TRUE(repository.update(recovered->state));
}

// A root that was given anew, instead of found: what no key of it has signed is not compared with.
TEST(FastForward, IsRecoveredFromByANewRootFromOutside) {
  auto repository = fast_forwarded();
  auto state = updated(repository);
  rotate(repository, "timestamp", "new-timestamp");
  restore(repository);
  state.root = repository.files.at("2.root.json");
  EXPECT_TRUE(repository.update(state));
}

}  // namespace
}  // namespace reburst::client
