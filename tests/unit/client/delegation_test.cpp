#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

tuf::TargetFile file_of(const std::string& content) {
  return {content.size(), sha256(content), Json::object()};
}

// Metadata as update() would give it: the delegations in their order, and the targets of each.
struct Delegated {
  std::string role, pattern;
  bool terminating;
  std::vector<std::string> paths;
};
VerifiedMetadata delegations(const std::vector<Delegated>& list) {
  VerifiedMetadata out;
  for (const auto& each : list) {
    out.targets.delegations.push_back({each.role, {}, {each.pattern}, each.terminating});
    auto& role = out.delegated[each.role];
    for (const auto& path : each.paths) role.targets[path] = file_of(each.role);
  }
  return out;
}

std::string role_of(const VerifiedMetadata& metadata, const std::string& path) {
  const auto found = find_target(metadata, path);
  return found ? found->role : "nobody";
}

TEST(FindTarget, AsksTheRoleThatThePathBelongsTo) {
  const Repository repository;
  const auto metadata = repository.update(repository.first());
  ASSERT_TRUE(metadata);
  const auto found = find_target(*metadata, "web/stable/1/web.raw");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->role, "web-stable");
  EXPECT_EQ(found->file.sha256, sha256("stable"));
  EXPECT_EQ(role_of(*metadata, "web/stable/2/web.raw"), "nobody");
  EXPECT_EQ(role_of(*metadata, "db/stable/1/web.raw"), "nobody");
}

TEST(FindTarget, ARoleDoesNotSpeakForPathsThatItsPatternDoesNotCover) {
  const auto metadata =
      delegations({{"web-dev", "web/dev/*", true, {"web/dev/a", "web/stable/a", "web/dev/a/b", "web"}}});
  EXPECT_EQ(role_of(metadata, "web/dev/a"), "web-dev");
  EXPECT_EQ(role_of(metadata, "web/stable/a"), "nobody");
  EXPECT_EQ(role_of(metadata, "web/dev/a/b"), "nobody");
  EXPECT_EQ(role_of(metadata, "web"), "nobody");
}

TEST(FindTarget, TheFirstOfTheListHasPriority) {
  const auto metadata = delegations({{"a", "x/*", false, {"x/1"}}, {"b", "x/*", false, {"x/1", "x/2"}}});
  EXPECT_EQ(role_of(metadata, "x/1"), "a");
  EXPECT_EQ(role_of(metadata, "x/2"), "b");
}

TEST(FindTarget, ATerminatingDelegationEndsTheSearch) {
  const auto metadata = delegations({{"a", "x/*", true, {"x/1"}}, {"b", "*/*", false, {"x/2", "y/2"}}});
  EXPECT_EQ(role_of(metadata, "x/1"), "a");
  EXPECT_EQ(role_of(metadata, "x/2"), "nobody");
  EXPECT_EQ(role_of(metadata, "y/2"), "b");
}

TEST(FindTarget, ATerminatingRoleThatWasNotAskedForEndsItToo) {
  auto metadata = delegations({{"a", "x/*", true, {"x/1"}}, {"b", "x/*", false, {"x/1"}}});
  metadata.delegated.erase("a");
  EXPECT_EQ(role_of(metadata, "x/1"), "nobody");
}

TEST(FindTarget, TheTopRoleComesFirst) {
  auto metadata = delegations({{"a", "x/*", true, {"x/1"}}});
  metadata.targets.targets["x/1"] = file_of("top");
  EXPECT_EQ(role_of(metadata, "x/1"), "targets");
}

TEST(Delegations, OfADelegatedRoleAreRefused) {
  Repository repository;
  auto& role = repository.delegated["web-stable"];
  role.keys.emplace(key("dev").id(), key("dev"));
  role.delegations.push_back({"web-other", role_keys({"dev"}, 1), {"web/stable/*"}, true});
  repository.bump("web-stable");
  const auto result = repository.update(repository.first());
  expect_refused(result, ErrorCode::kIntegrity,
                 "cannot accept \"web-stable.json\": it delegates to \"web-other\", and only targets may delegate (TUF "
                 "5.6.7: arbitrary software)");
  EXPECT_EQ(result.error().hint, "no registry of Reburst is like that: ask its keeper");
}

TEST(Delegations, OneRoleTwiceIsRefused) {
  Repository repository;
  repository.targets.delegations.push_back(repository.targets.delegations[0]);
  repository.bump("targets");
  expect_refused(
      repository.update(repository.first()), ErrorCode::kIntegrity,
      "the metadata \"2.targets.json\": signed.delegations.roles[2]: the role \"web-dev\" stands twice (TUF 4: "
      "document formats)");
}

TEST(Delegations, ANameThatIsAPathIsRefused) {
  for (const std::string name : {"../root", "a/b", ".hidden", "snapshot", "root"}) {
    Repository repository;
    repository.targets.delegations[0].name = name;
    repository.bump("targets");
    expect_refused(repository.update(repository.first()), ErrorCode::kIntegrity,
                   "the metadata \"2.targets.json\": signed.delegations.roles[0].name: \"" + name +
                       "\" cannot be the name of a delegated role (TUF 4: document formats)");
  }
}

}  // namespace
}  // namespace reburst::client
