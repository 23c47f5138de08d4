#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

// The file of a role, and the rule for its signatures.
struct Signed {
  const char* role;
  const char* rule;
  int keys, threshold;
};
constexpr Signed kSigned[] = {{"root", "(TUF 5.3.4: arbitrary software)", 3, 2},
                              {"timestamp", "(TUF 5.4.2: arbitrary software)", 1, 1},
                              {"snapshot", "(TUF 5.5.3: arbitrary software)", 1, 1},
                              {"targets", "(TUF 5.6.3: arbitrary software)", 1, 1},
                              {"web-stable", "(TUF 5.6.3: arbitrary software)", 2, 2}};

std::string not_trusted(const std::string& name, int counted, const Signed& of, const std::string& more = {}) {
  return "cannot trust the metadata \"" + name + "\": " + std::to_string(counted) + " of " + std::to_string(of.keys) +
         " keys signed it, and " + std::to_string(of.threshold) + " must" + more + " " + of.rule;
}

TEST(Threshold, OneSignatureTooFewIsRefused) {
  for (const auto& each : kSigned) {
    Repository repository;
    if (std::string(each.role) == "root") repository.bump_root();
    repository.serve_instead(each.role,
                             edited(repository.served(each.role), [](Json& json) { json["signatures"].erase(0); }));
    expect_refused(repository.update(repository.first()), ErrorCode::kSignature,
                   not_trusted(repository.name(each.role), each.threshold - 1, each));
  }
}

TEST(Threshold, ASignatureThatDoesNotFitIsNotCounted) {
  for (const auto& each : kSigned) {
    Repository repository;
    if (std::string(each.role) == "root") repository.bump_root();
    repository.serve_instead(each.role, edited(repository.served(each.role), [](Json& json) {
                               json["signatures"][0]["sig"] = std::string(128, '0');
                             }));
    expect_refused(repository.update(repository.first()), ErrorCode::kSignature,
                   not_trusted(repository.name(each.role), each.threshold - 1, each,
                               "; a signature of a right key does not fit the text"));
  }
}

TEST(Threshold, AChangedTextIsRefused) {
  for (const auto& each : kSigned) {
    Repository repository;
    if (std::string(each.role) == "root") repository.bump_root();
    repository.serve_instead(each.role, edited(repository.served(each.role),
                                               [](Json& json) { json["signed"]["expires"] = "2036-01-01T00:00:00Z"; }));
    expect_refused(
        repository.update(repository.first()), ErrorCode::kSignature,
        not_trusted(repository.name(each.role), 0, each, "; a signature of a right key does not fit the text"));
  }
}

TEST(Threshold, AKeyOfAnotherRoleIsNotCounted) {
  for (const auto& each : kSigned) {
    Repository repository;
    const std::string role = each.role;
    repository.signers[role] = {role == "targets" ? "snapshot" : "targets", "dev"};
    if (role == "root") {
      repository.bump_root();
    } else if (role == "timestamp") {
      repository.put_timestamp();
    } else {
      repository.bump(role);
    }
    expect_refused(repository.update(repository.first()), ErrorCode::kSignature,
                   not_trusted(repository.name(role), 0, each));
  }
}

TEST(Threshold, SignaturesByStrangersDoNoHarm) {
  Repository repository;
  repository.signers["web-stable"].push_back("a-stranger");
  repository.bump("web-stable");
  EXPECT_TRUE(repository.update(repository.first()));
}

TEST(UniqueKeys, OneKeyTwiceIsRefused) {
  Repository repository;
  repository.signers["web-stable"] = {"p256-stable-2"};
  repository.put_targets("web-stable");
  const std::string id = key("p256-stable-2").id();
  repository.serve_instead("web-stable", edited(repository.served("web-stable"), [&](Json& json) {
                             json["signatures"].push_back(Json(json["signatures"][0]));
                           }));
  expect_refused(
      repository.update(repository.first()), ErrorCode::kIntegrity,
      "the metadata \"1.web-stable.json\": signatures: the key \"" + id + "\" stands twice (TUF 4: document formats)");
}

// An ECDSA key has two spellings, and so two ids that are both right.
TEST(UniqueKeys, OneKeyUnderTwoNamesIsCountedOnce) {
  Json spelled = key("p256-stable-2").to_tuf();
  spelled["keytype"] = "ecdsa-sha2-nistp256";
  const auto alias = signing::PublicKey::from_tuf(spelled, "alias");
  ASSERT_TRUE(alias) << alias.error().render();
  ASSERT_NE(alias->id(), key("p256-stable-2").id());
  Repository repository;
  auto& delegation = repository.targets.delegations[1];
  ASSERT_EQ(delegation.name, "web-stable");
  repository.targets.keys.emplace(alias->id(), *alias);
  delegation.keys.keyids = {key("p256-stable-2").id(), alias->id()};
  repository.bump("targets");
  repository.signers["web-stable"] = {"p256-stable-2"};
  repository.bump("web-stable");
  repository.serve_instead("web-stable", edited(repository.served("web-stable"), [&](Json& json) {
                             json["signatures"].push_back(Json(json["signatures"][0]));
                             json["signatures"][1]["keyid"] = alias->id();
                           }));
  expect_refused(repository.update(repository.first()), ErrorCode::kSignature,
                 not_trusted("2.web-stable.json", 1, kSigned[4]));
}

TEST(UniqueKeys, AKeyUnderAnIdThatIsNotItsOwnIsRefused) {
  Repository repository;
  const std::string id = key("stable-1").id();
  const std::string forged(64, 'a');
  repository.serve_instead("targets", edited(repository.served("targets"), [&](Json& json) {
                             Json& keys = json["signed"]["delegations"]["keys"];
                             keys[forged] = keys[id];
                           }));
  expect_refused(repository.update(repository.first()), ErrorCode::kIntegrity,
                 "the metadata \"1.targets.json\": signed.delegations.keys." + forged + ": the key's id is " + id +
                     " (TUF 4: document formats)");
}

}  // namespace
}  // namespace reburst::client
