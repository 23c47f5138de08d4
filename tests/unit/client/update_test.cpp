#include <gmock/gmock.h>

#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

using testing::ElementsAre;

// The workflow with every name that it asks for.
struct Watched {
  std::vector<std::string> names;
  Result<VerifiedMetadata> result = fail(ErrorCode::kInternal, "not run");
};

Watched watched(const Repository& repository, const TrustedState& state, UpdateOptions options = {}) {
  Watched out;
  options.now = kNow;
  const auto fetch = [&, inner = repository.fetch()](const std::string& name, std::uint64_t most) {
    out.names.push_back(name);
    return inner(name, most);
  };
  out.result = update(state, fetch, options);
  return out;
}

TEST(Update, ComesFromTheRootToEveryRole) {
  const Repository repository;
  const auto run = watched(repository, repository.first());
  ASSERT_TRUE(run.result) << run.result.error().render();
  EXPECT_THAT(run.names, ElementsAre("2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json",
                                     "1.web-dev.json", "1.web-stable.json"));
  EXPECT_EQ(run.result->delegated.size(), 2U);
  EXPECT_EQ(run.result->delegated.at("web-stable").targets.size(), 1U);
  EXPECT_EQ(run.result->targets.delegations.size(), 2U);
  EXPECT_EQ(run.result->snapshot.meta.size(), 3U);
  EXPECT_THAT(run.result->roots, ElementsAre(repository.files.at("1.root.json")));
}

TEST(Update, KeepsWhatWasReceivedByteForByte) {
  const Repository repository;
  const auto state = updated(repository);
  EXPECT_EQ(state.root, repository.files.at("1.root.json"));
  EXPECT_EQ(state.timestamp, repository.files.at("timestamp.json"));
  EXPECT_EQ(state.snapshot, repository.files.at("1.snapshot.json"));
  EXPECT_EQ(state.targets, repository.files.at("1.targets.json"));
  EXPECT_EQ(state.delegated.at("web-dev"), repository.files.at("1.web-dev.json"));
  EXPECT_EQ(state.delegated.at("web-stable"), repository.files.at("1.web-stable.json"));
  EXPECT_EQ(state.latest_time, kNow);
}

TEST(Update, FetchesNothingThatItHas) {
  Repository repository;
  const auto state = updated(repository);
  EXPECT_THAT(watched(repository, state).names, ElementsAre("2.root.json", "timestamp.json"));
  repository.bump("web-stable");
  EXPECT_THAT(watched(repository, state).names,
              ElementsAre("2.root.json", "timestamp.json", "2.snapshot.json", "2.web-stable.json"));
}

TEST(Update, TakesANewerRegistry) {
  Repository repository;
  auto state = updated(repository);
  for (const auto* role : {"timestamp", "snapshot", "targets", "web-dev", "web-stable"}) {
    repository.bump(role);
    state = updated(repository, state);
    EXPECT_EQ(state.timestamp, repository.served("timestamp")) << role;
    EXPECT_EQ(state.snapshot, repository.served("snapshot")) << role;
  }
  EXPECT_EQ(state.delegated.at("web-dev"), repository.served("web-dev"));
  EXPECT_EQ(state.targets, repository.served("targets"));
}

TEST(Update, NeedsNoLengthsAndDigestsInSnapshotAndTimestamp) {
  Repository repository;
  repository.state_hashes = false;
  repository.bump("targets");
  repository.bump("web-stable");
  repository.bump("web-dev");
  EXPECT_TRUE(repository.update(updated(repository)));
}

TEST(Update, AsksOnlyForTheRolesThatAreWanted) {
  Repository repository;
  const auto run = watched(repository, repository.first(), {.delegated = {"web-stable"}});
  ASSERT_TRUE(run.result);
  EXPECT_THAT(run.names,
              ElementsAre("2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json", "1.web-stable.json"));
  EXPECT_EQ(run.result->delegated.count("web-dev"), 0U);
}

TEST(Update, KeepsTheStateOfRolesThatAreNotWanted) {
  const Repository repository;
  const auto state = updated(repository);
  const auto result = repository.update(state, {.delegated = {"web-stable"}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->delegated.count("web-dev"), 0U);
  EXPECT_EQ(result->state.delegated, state.delegated);
}

TEST(Update, SaysWhichRoleTheRegistryLacks) {
  const Repository repository;
  const auto result = repository.update(repository.first(), {.delegated = {"web-stable", "db-stable"}});
  expect_refused(result, ErrorCode::kMissing,
                 "the registry has no role \"db-stable\": its targets do not delegate to it");
  EXPECT_EQ(result.error().hint, "\"reburst list\" shows the roles and channels that it has");
}

TEST(Update, AnEqualTimestampKeepsTheTrustedOne) {
  Repository repository;
  const auto state = updated(repository);
  repository.timestamp.header.expires += 100 * kDay;
  repository.put_timestamp();
  EXPECT_EQ(updated(repository, state).timestamp, state.timestamp);
}

TEST(Update, SaysWhatIsMissing) {
  for (const auto* role : {"timestamp", "snapshot", "targets", "web-stable"}) {
    Repository repository;
    const std::string name = repository.name(role);
    repository.files.erase(name);
    const auto result = repository.update(repository.first());
    expect_refused(result, ErrorCode::kMissing, "cannot fetch \"" + name + "\": HTTP status 404");
  }
}

TEST(Update, SaysWhoNamesWhatIsMissing) {
  Repository repository;
  repository.files.erase("1.web-stable.json");
  EXPECT_THAT(repository.update(repository.first()).error().context,
              ElementsAre("reading \"1.web-stable.json\", which \"1.snapshot.json\" lists"));
}

// A network that fails is no end of the chain of roots.
TEST(Update, AFailingFetchIsNoAnswer) {
  const Repository repository;
  for (const auto* failing : {"2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json", "1.web-dev.json"}) {
    const auto fetch = [&](const std::string& name, std::uint64_t most) -> Result<std::string> {
      if (name == failing) return fail(ErrorCode::kNetwork, "no network");
      return repository.fetch()(name, most);
    };
    expect_refused(update(repository.first(), fetch, {.now = kNow}), ErrorCode::kNetwork, "no network");
  }
}

}  // namespace
}  // namespace reburst::client
