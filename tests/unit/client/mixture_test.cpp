#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

constexpr auto kHint =
    "the registry's files are not of one moment, or one was changed: try again later, or ask its keeper";

struct Listing {
  const char* role;
  const char* lister;
  const char* hash_rule;
  const char* version_rule;
};
constexpr Listing kListings[] = {
    {"snapshot", "timestamp.json", "(TUF 5.5.2: mix-and-match)", "(TUF 5.5.4: mix-and-match)"},
    {"targets", "1.snapshot.json", "(TUF 5.6.2: mix-and-match)", "(TUF 5.6.4: mix-and-match)"},
    {"web-stable", "1.snapshot.json", "(TUF 5.6.2: mix-and-match)", "(TUF 5.6.4: mix-and-match)"}};

// The same with another expiry: of the same length, and signed as well.
std::string other_moment(Repository& repository, const std::string& role) {
  repository.header(role).expires += kDay;
  if (role == "snapshot") return repository.seal(role, tuf::to_json(repository.snapshot));
  return repository.seal(role, tuf::to_json(role == "targets" ? repository.targets : repository.delegated.at(role)));
}

TEST(MixAndMatch, AnotherDigestIsRefused) {
  for (const auto& [role, lister, hash_rule, version_rule] : kListings) {
    Repository repository;
    const std::string expected = sha256(repository.served(role)).hex();
    std::string other = other_moment(repository, role);
    other.resize(repository.served(role).size(), ' ');  // ECDSA signatures differ in length
    repository.served(role) = other;
    const auto result = repository.update(repository.first());
    expect_refused(result, ErrorCode::kIntegrity,
                   "cannot accept \"" + repository.name(role) + "\": its SHA-256 is not the one that \"" + lister +
                       "\" lists " + hash_rule + "\n  expected " + expected + "\n  actual   " + sha256(other).hex());
    EXPECT_EQ(result.error().hint, kHint);
  }
}

TEST(MixAndMatch, FewerBytesThanPromisedAreRefused) {
  for (const auto& [role, lister, hash_rule, version_rule] : kListings) {
    Repository repository;
    const auto size = repository.served(role).size();
    repository.served(role).pop_back();
    expect_refused(repository.update(repository.first()), ErrorCode::kIntegrity,
                   "cannot accept \"" + repository.name(role) + "\": its length is not the one that \"" + lister +
                       "\" lists " + hash_rule + "\n  expected " + std::to_string(size) + " bytes\n  actual   " +
                       std::to_string(size - 1) + " bytes");
  }
}

// Without digests, versions alone tell the moments apart.
TEST(MixAndMatch, AnotherVersionIsRefused) {
  for (const auto& [role, lister, hash_rule, version_rule] : kListings) {
    Repository repository;
    repository.state_hashes = false;
    const std::string name = repository.name(role);
    repository.header(role).version = 2;
    const std::string second = other_moment(repository, role);
    repository.header(role).version = 1;
    repository.serve_instead(role, second);
    expect_refused(repository.update(repository.first()), ErrorCode::kIntegrity,
                   "cannot accept \"" + name + "\": its version is not the one that \"" + lister + "\" lists " +
                       version_rule + "\n  expected 1\n  actual   2");
  }
}

TEST(MixAndMatch, ARoleThatTheSnapshotDoesNotListIsRefused) {
  Repository repository;
  repository.snapshot.meta.erase("web-stable.json");
  repository.put_snapshot();
  repository.put_timestamp();
  const auto result = repository.update(repository.first());
  expect_refused(result, ErrorCode::kIntegrity,
                 "cannot accept \"1.snapshot.json\": it does not list \"web-stable.json\" (TUF 5.6.1: mix-and-match)");
  EXPECT_EQ(result.error().hint, "the registry is damaged or half published: ask its keeper");
  EXPECT_TRUE(repository.update(repository.first(), {.delegated = {"web-dev"}}));
}

// Metadata of one role in the place of another's, even where whatever lists it follows.
TEST(Swapped, BetweenTopRolesIsRefused) {
  struct Case {
    const char *role, *in_place_of, *message;
  };
  for (const auto& [role, in_place_of, message] :
       {Case{
            "timestamp", "snapshot",
            "the metadata \"1.snapshot.json\": signed._type: it is \"timestamp\", and \"snapshot\" is expected (TUF 4: "
            "document formats)"},
        Case{"snapshot", "timestamp",
             "the metadata \"timestamp.json\": signed._type: it is \"snapshot\", and \"timestamp\" is expected (TUF 4: "
             "document formats)"},
        Case{"snapshot", "targets",
             "the metadata \"1.targets.json\": signed._type: it is \"snapshot\", and \"targets\" is expected (TUF 4: "
             "document formats)"},
        Case{"root", "web-stable",
             "the metadata \"1.web-stable.json\": signed._type: it is \"root\", and \"targets\" is expected (TUF 4: "
             "document formats)"}}) {
    Repository repository;
    repository.serve_instead(in_place_of, std::string(repository.served(role)));
    expect_refused(repository.update(repository.first()), ErrorCode::kIntegrity, message);
  }
}

TEST(Swapped, BetweenDelegatedRolesIsRefused) {
  for (const auto* role : {"web-dev", "targets"}) {
    Repository repository;
    repository.serve_instead("web-stable", std::string(repository.served(role)));
    expect_refused(repository.update(repository.first()), ErrorCode::kSignature,
                   "cannot trust the metadata \"1.web-stable.json\": 0 of 2 keys signed it, and 2 must (TUF 5.6.3: "
                   "arbitrary software)");
  }
}

TEST(Swapped, BetweenRegistriesIsRefused) {
  struct Case {
    const char *role, *name, *rule;
    int of;
  };
  for (const auto& [role, name, rule, of] :
       {Case{"timestamp", "timestamp.json", "(TUF 5.4.2: arbitrary software)", 1},
        Case{"snapshot", "1.snapshot.json", "(TUF 5.5.3: arbitrary software)", 1},
        Case{"targets", "1.targets.json", "(TUF 5.6.3: arbitrary software)", 1},
        Case{"web-stable", "1.web-stable.json", "(TUF 5.6.3: arbitrary software)", 2}}) {
    Repository ours;
    Repository other("other-");
    ours.serve_instead(role, other.served(role));
    expect_refused(ours.update(ours.first()), ErrorCode::kSignature,
                   "cannot trust the metadata \"" + std::string(name) + "\": 0 of " + std::to_string(of) +
                       " keys signed it, and " + std::to_string(of) + " must " + rule);
  }
}

}  // namespace
}  // namespace reburst::client
