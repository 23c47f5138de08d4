#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

struct Endless {
  const char* name;
  const char* rule;
  std::uint64_t most;  // of the options below, where nothing lists a length
};
UpdateOptions limits() {
  UpdateOptions options;
  options.now = kNow;
  options.max_root = 30'000;
  options.max_targets = 60'000;
  return options;
}
constexpr Endless kEndless[] = {{"2.root.json", "(TUF 5.3.3: endless data)", 30'000},
                                {"timestamp.json", "(TUF 5.4.1: endless data)", 30'000},
                                {"1.snapshot.json", "(TUF 5.5.1: endless data)", 30'000},
                                {"1.targets.json", "(TUF 5.6.1: endless data)", 60'000},
                                {"1.web-stable.json", "(TUF 5.6.1: endless data)", 60'000}};

// Serves `name` without an end; `obeys` the bound, or hands over more than it was asked for.
FetchMetadata endless(const Repository& repository, const std::string& name, bool obeys) {
  return [&repository, name, obeys](const std::string& wanted, std::uint64_t most) -> Result<std::string> {
    if (wanted != name) return repository.fetch()(wanted, most);
    if (!obeys) return std::string(most + 1, ' ');
    return fail(ErrorCode::kIntegrity,
                "cannot accept \"" + name + "\": it is larger than " + std::to_string(most) + " bytes");
  };
}

Repository without_lengths() {
  Repository repository;
  repository.state_hashes = false;
  for (const auto* role : {"targets", "web-dev", "web-stable"}) repository.put_targets(role);
  repository.put_snapshot();
  repository.put_timestamp();
  return repository;
}

TEST(Endless, IsCutOffByTheFetcher) {
  const auto repository = without_lengths();
  for (const auto& [name, rule, most] : kEndless) {
    expect_refused(
        update(repository.first(), endless(repository, name, true), limits()), ErrorCode::kIntegrity,
        "cannot accept \"" + std::string(name) + "\": it is larger than " + std::to_string(most) + " bytes " + rule);
  }
}

TEST(Endless, IsRefusedWhereTheFetcherPassesItOn) {
  const auto repository = without_lengths();
  for (const auto& [name, rule, most] : kEndless) {
    const auto result = update(repository.first(), endless(repository, name, false), limits());
    expect_refused(
        result, ErrorCode::kIntegrity,
        "cannot accept \"" + std::string(name) + "\": it is longer than " + std::to_string(most) + " bytes " + rule);
    EXPECT_EQ(result.error().hint, "the address serves something else: check it, or use another mirror");
  }
}

TEST(Endless, NoMoreIsReadThanIsListed) {
  for (const std::string role : {"snapshot", "targets", "web-stable"}) {
    Repository repository;
    const auto size = repository.served(role).size();
    repository.served(role) += " ";
    const auto result = repository.update(repository.first());
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().message.starts_with("cannot accept \"" + repository.name(role) +
                                                   "\": it is larger than " + std::to_string(size) + " bytes (TUF 5."))
        << result.error().message;
  }
}

// The lister may be forged as well: its word is bounded.
TEST(Endless, AListedLengthBeyondTheBoundIsRefusedUnread) {
  for (const auto& [role, lister, rule, most] :
       {std::tuple{"snapshot", "timestamp.json", "(TUF 5.5.1: endless data)", "30000"},
        {"web-stable", "1.snapshot.json", "(TUF 5.6.1: endless data)", "60000"}}) {
    Repository repository;
    auto& meta =
        std::string(role) == "snapshot" ? repository.timestamp.snapshot : repository.snapshot.meta["web-stable.json"];
    meta.length = 1ULL << 50U;
    if (std::string(role) != "snapshot") repository.put_snapshot();
    repository.put_timestamp();
    expect_refused(repository.update(repository.first(), limits()), ErrorCode::kIntegrity,
                   "cannot accept \"" + repository.name(role) + "\": \"" + lister + "\" says that it is too long " +
                       rule + "\n  expected at most " + most + " bytes\n  actual   1125899906842624 bytes");
  }
}

TEST(Truncated, EveryFileIsRefusedWhereverItIsCut) {
  const auto repository = without_lengths();
  const auto state = repository.first();
  for (const auto& [name, text] : repository.files) {
    if (name == "1.root.json") continue;
    auto cut = repository;
    for (std::size_t length = 0; length + 1 < text.size(); length += 23) {  // the final newline may be missing
      cut.files[name] = text.substr(0, length);
      const auto result = cut.update(state);
      ASSERT_FALSE(result) << name << " cut after " << length;
      EXPECT_EQ(result.error().code, ErrorCode::kIntegrity);
      EXPECT_TRUE(result.error().message.starts_with("cannot read \"" + name + "\" as JSON: not JSON at byte "))
          << result.error().message;
    }
  }
}

TEST(DuplicateKeys, AreRefusedInEveryFile) {
  const auto repository = without_lengths();
  for (const auto& [name, text] : repository.files) {
    if (name == "1.root.json") continue;
    auto doubled = repository;
    doubled.files[name].insert(text.rfind("\"version\":1"), "\"version\":1,");
    expect_refused(doubled.update(repository.first()), ErrorCode::kIntegrity,
                   "cannot read \"" + name + "\" as JSON: the key \"version\" stands twice (TUF 4: document formats)");
  }
}

}  // namespace
}  // namespace reburst::client
