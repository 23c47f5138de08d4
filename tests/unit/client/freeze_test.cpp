#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

struct Frozen {
  const char* role;
  const char* rule;
};
constexpr Frozen kFrozen[] = {{"root", "(TUF 5.3.10: freeze)"},
                              {"timestamp", "(TUF 5.4.4: freeze)"},
                              {"snapshot", "(TUF 5.5.6: freeze)"},
                              {"targets", "(TUF 5.6.5: freeze)"},
                              {"web-stable", "(TUF 5.6.5: freeze)"}};

// A registry where everything holds for long but `role`.
Repository expiring(const std::string& role, Epoch expires) {
  Repository repository;
  repository.root.header.expires = repository.targets.header.expires = kNow + 365 * kDay;
  repository.snapshot.header.expires = repository.timestamp.header.expires = kNow + 365 * kDay;
  repository.header(role).expires = expires;
  repository.put_targets("targets");
  repository.put_targets("web-stable");
  repository.put_snapshot();
  repository.put_timestamp();
  repository.bump_root();
  return repository;
}

TEST(Freeze, WhatHasExpiredIsRefusedWhateverItsRole) {
  for (const auto& [role, rule] : kFrozen) {
    const auto repository = expiring(role, kNow);
    const auto result = repository.update(repository.first(), {.delegated = {"web-dev", "web-stable"}});
    expect_refused(result, ErrorCode::kExpired,
                   "cannot accept \"" + repository.name(role) + "\": it has expired " + rule +
                       "\n  expected an expiry after 2026-11-21T00:00:00Z\n  actual   2026-11-21T00:00:00Z");
    EXPECT_EQ(result.error().hint,
              "its keeper has to sign it again (\"reburst registry refresh\"), or somebody shows this machine an old "
              "registry; check this machine's clock too");
  }
}

TEST(Freeze, ASecondBeforeItsExpiryItHolds) {
  for (const auto& [role, rule] : kFrozen) {
    const auto repository = expiring(role, kNow + 1);
    EXPECT_TRUE(repository.update(repository.first())) << role;
  }
}

// The same registry shown again and again: what was accepted once is refused when it has expired.
TEST(Freeze, AKeptTimestampExpiresToo) {
  const Repository repository;
  const auto state = updated(repository);
  EXPECT_TRUE(repository.update(state, {.now = kNow + kDay - 1}));
  expect_refused(repository.update(state, {.now = kNow + kDay}), ErrorCode::kExpired,
                 "cannot accept \"timestamp.json\": it has expired (TUF 5.4.4: freeze)\n  expected an expiry after "
                 "2026-11-22T00:00:00Z\n  actual   2026-11-22T00:00:00Z");
}

TEST(Freeze, ARoleThatNobodyAskedForMayExpire) {
  const auto repository = expiring("web-stable", kNow - kDay);
  EXPECT_TRUE(repository.update(repository.first(), {.delegated = {"web-dev"}}));
}

TEST(Clock, ThatWasSetBackIsNotBelieved) {
  Repository repository;
  auto state = updated(repository);
  state.latest_time = kNow + kDay;
  expect_refused(repository.update(state, {.now = kNow - 1000 * kDay}), ErrorCode::kExpired,
                 "cannot accept \"timestamp.json\": it has expired (TUF 5.4.4: freeze)\n  expected an expiry after "
                 "2026-11-22T00:00:00Z\n  actual   2026-11-22T00:00:00Z");
}

TEST(Clock, TheLatestTimeIsKept) {
  Repository repository;
  const auto state = updated(repository);
  const auto later = repository.update(state, {.now = kNow + 1000});
  ASSERT_TRUE(later);
  EXPECT_EQ(later->state.latest_time, kNow + 1000);
  const auto earlier = repository.update(later->state, {.now = kNow - 1000});
  ASSERT_TRUE(earlier);
  EXPECT_EQ(earlier->state.latest_time, kNow + 1000);
}

}  // namespace
}  // namespace reburst::client
