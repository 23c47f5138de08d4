#include "registry/client/root_chain.hpp"
#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

constexpr auto kDamagedRoot =
    "the trusted root is damaged: give the registry's root again with --root, from a source that you trust";

// Puts other keys in the place of the root's. What is sealed next is signed by `by`.
void change_root_keys(Repository& repository, const std::vector<std::string>& names, std::vector<std::string> by) {
  repository.root.roles["root"] = role_keys(names, 2);
  for (const auto& name : names) repository.root.keys.emplace(key(name).id(), key(name));
  repository.signers["root"] = std::move(by);
}

const std::vector<std::string> kOld = {"root-1", "p256-root-2"};
const std::vector<std::string> kNew = {"root-4", "root-5", "root-6"};

TEST(RootChain, IsFollowedToItsEnd) {
  Repository repository;
  repository.bump_root();
  change_root_keys(repository, kNew, {"root-1", "p256-root-2", "root-4", "root-5"});
  repository.bump_root();
  repository.signers["root"] = {"root-5", "root-6"};
  repository.bump_root();
  const auto result = repository.update(repository.first());
  ASSERT_TRUE(result) << result.error().render();
  EXPECT_EQ(result->root.header.version, 4U);
  ASSERT_EQ(result->roots.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(result->roots[i], repository.files.at(std::to_string(i + 1) + ".root.json"));
  EXPECT_EQ(result->state.root, result->roots.back());
}

TEST(RootChain, StartsWhereTheTrustedStateStands) {
  Repository repository;
  repository.bump_root();
  const auto state = updated(repository);
  repository.files.erase("1.root.json");
  repository.files.erase("2.root.json");
  EXPECT_EQ(updated(repository, state).root, state.root);
}

// Who gets trust.json or a ticket has seen nothing of what this machine has.
TEST(RootChain, IsWholeForSomebodyWhoTrustsAnOlderRootThanThisMachine) {
  Repository repository;
  for (int i = 0; i < 3; ++i) repository.bump_root();
  const auto ahead = repository.update(updated(repository)).value();
  ASSERT_EQ(ahead.roots.size(), 1U);
  const auto chain = roots_since(repository.files.at("1.root.json"), ahead, repository.fetch());
  ASSERT_TRUE(chain) << chain.error().render();
  ASSERT_EQ(chain->size(), 4U);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(chain->at(i), repository.files.at(std::to_string(i + 1) + ".root.json"));

  // Newer roots than this machine verified are not its evidence.
  const auto newest = ahead.roots.back();
  repository.bump_root();
  EXPECT_EQ(roots_since(repository.files.at("1.root.json"), ahead, repository.fetch()).value().back(), newest);

  const auto broken = roots_since(Repository("other-").files.at("1.root.json"), ahead, repository.fetch());
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kSignature);
}

TEST(RootChain, RefusesARootThatOnlyTheOldKeysSigned) {
  Repository repository;
  change_root_keys(repository, kNew, kOld);
  repository.bump_root();
  expect_refused(repository.update(repository.first()), ErrorCode::kSignature,
                 "cannot trust the metadata \"2.root.json\": 0 of 3 keys signed it, and 2 must (TUF 5.3.4: arbitrary "
                 "software)");
}

TEST(RootChain, RefusesARootThatOnlyTheNewKeysSigned) {
  Repository repository;
  change_root_keys(repository, kNew, kNew);
  repository.bump_root();
  expect_refused(repository.update(repository.first()), ErrorCode::kSignature,
                 "cannot trust the metadata \"2.root.json\": 0 of 3 keys signed it, and 2 must (TUF 5.3.4: arbitrary "
                 "software)");
}

TEST(RootChain, RefusesARootWithOneOfTwoOldSignatures) {
  Repository repository;
  change_root_keys(repository, kNew, {"root-1", "root-4", "root-5"});
  repository.bump_root();
  expect_refused(repository.update(repository.first()), ErrorCode::kSignature,
                 "cannot trust the metadata \"2.root.json\": 1 of 3 keys signed it, and 2 must (TUF 5.3.4: arbitrary "
                 "software)");
}

TEST(RootChain, RefusesAVersionThatIsSkippedOrRepeated) {
  for (const std::uint64_t version : {1U, 3U}) {
    Repository repository;
    repository.root.header.version = version;
    repository.files["2.root.json"] = repository.seal("root", tuf::to_json(repository.root));
    expect_refused(repository.update(repository.first()), ErrorCode::kIntegrity,
                   "cannot accept \"2.root.json\": its version does not follow the trusted root's (TUF 5.3.5: "
                   "rollback)\n  expected 2\n  actual   " +
                       std::to_string(version));
  }
}

TEST(RootChain, HasAnEnd) {
  Repository repository;
  for (int i = 0; i < 3; ++i) repository.bump_root();
  EXPECT_TRUE(repository.update(repository.first(), {.max_root_steps = 3}));
  const auto result = repository.update(repository.first(), {.max_root_steps = 2});
  expect_refused(
      result, ErrorCode::kIntegrity,
      "cannot accept \"4.root.json\": more than 2 new roots follow the trusted one (TUF 5.3.3: endless data)");
  EXPECT_EQ(result.error().hint, "give a newer root with --root, from a source that you trust");
}

TEST(RootChain, AnExpiredRootOnTheWayIsFine) {
  Repository repository;
  const Epoch good = repository.root.header.expires;
  repository.root.header.expires = kNow - 100 * kDay;
  repository.bump_root();
  repository.root.header.expires = good;
  repository.bump_root();
  auto result = repository.update(repository.first());
  EXPECT_TRUE(result) << result.error().render();
}

TEST(RootChain, AnExpiredTrustedRootStillLeadsToTheNext) {
  Repository repository;
  repository.root.header.expires = kNow - kDay;
  repository.put_root();
  repository.root.header.expires = kNow + kDay;
  repository.bump_root();
  EXPECT_TRUE(repository.update(repository.first()));
}

TEST(RootChain, AnExpiredLastRootIsRefused) {
  Repository repository;
  repository.root.header.expires = kNow - kDay;
  repository.bump_root();
  expect_refused(repository.update(repository.first()), ErrorCode::kExpired,
                 "cannot accept \"2.root.json\": it has expired (TUF 5.3.10: freeze)\n  expected an expiry after "
                 "2026-11-21T00:00:00Z\n  actual   2026-11-20T00:00:00Z");
}

TEST(TrustedRoot, ThatIsBrokenIsSaidToBe) {
  const Repository repository;
  const std::string good = repository.files.at("1.root.json");
  const auto check = [&](const std::string& root, const std::string& message) {
    TrustedState state;
    state.root = root;
    const auto result = repository.update(state);
    expect_refused(result, ErrorCode::kIntegrity, message);
    EXPECT_EQ(result.error().hint, kDamagedRoot);
  };
  check("", "cannot read \"root.json\" as JSON: not JSON at byte 1 (TUF 5.2: trusted root)");
  check(good.substr(0, 100), "cannot read \"root.json\" as JSON: not JSON at byte 101 (TUF 5.2: trusted root)");
  check(
      repository.files.at("1.targets.json"),
      "the metadata \"root.json\": signed._type: it is \"targets\", and \"root\" is expected (TUF 5.2: trusted root)");
  check(
      edited(good, [](Json& json) { json["signed"]["version"] = 2; }),
      "cannot trust the metadata \"root.json\": 0 of 3 keys signed it, and 2 must; a signature of a right key does not "
      "fit the text (TUF 5.2: trusted root)");
  check(edited(good, [](Json& json) { json["signatures"].erase(1); }),
        "cannot trust the metadata \"root.json\": 1 of 3 keys signed it, and 2 must (TUF 5.2: trusted root)");
}

TEST(TrustedRoot, OfAnotherRegistryLeadsNowhere) {
  const Repository ours;
  const Repository other("other-");
  expect_refused(
      other.update(ours.first()), ErrorCode::kSignature,
      "cannot trust the metadata \"timestamp.json\": 0 of 1 keys signed it, and 1 must (TUF 5.4.2: arbitrary "
      "software)");
}

TEST(RootChain, RefusesTheRootOfAnotherRegistry) {
  Repository ours;
  Repository other("other-");
  other.bump_root();
  ours.files["2.root.json"] = other.files.at("2.root.json");
  expect_refused(ours.update(ours.first()), ErrorCode::kSignature,
                 "cannot trust the metadata \"2.root.json\": 0 of 3 keys signed it, and 2 must (TUF 5.3.4: arbitrary "
                 "software)");
}

}  // namespace
}  // namespace reburst::client
