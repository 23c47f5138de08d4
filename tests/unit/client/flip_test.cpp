#include "tests/unit/client/repository.hpp"

namespace reburst::client {
namespace {

// What metadata means, without its signatures.
std::string meaning(const VerifiedMetadata& metadata) {
  std::string out = tuf::signed_bytes(tuf::to_json(metadata.root)) +
                    tuf::signed_bytes(tuf::to_json(metadata.snapshot)) +
                    tuf::signed_bytes(tuf::to_json(metadata.targets));
  for (const auto& [role, targets] : metadata.delegated) out += role + tuf::signed_bytes(tuf::to_json(targets));
  return out;
}

// Bytes all over every file, each with one bit turned over: refused, or the same in meaning. Where digests are
// listed they would hide the parsers, so the second registry lists none.
class Flip : public testing::TestWithParam<bool> {};

TEST_P(Flip, OfAnyByteIsRefusedOrMeansTheSame) {
  Repository repository;
  repository.state_hashes = GetParam();
  repository.bump_root();
  for (const auto* role : {"targets", "web-dev", "web-stable"}) repository.bump(role);
  const auto first = repository.first();
  const UpdateOptions options{.delegated = {"web-stable"}};
  const std::string expected = meaning(repository.update(first, options).value());
  const std::size_t step = GetParam() ? 41 : 13;  // coprime to the bits of a byte
  std::size_t refused = 0;
  for (const auto* role : {"root", "timestamp", "snapshot", "targets", "web-stable"}) {
    const std::string good = repository.served(role);
    for (std::size_t at = 0; at < good.size(); at += step) {
      repository.served(role)[at] = static_cast<char>(good[at] ^ (1 << (at % 8)));
      const auto result = repository.update(first, options);
      if (!result) ++refused;
      ASSERT_TRUE(!result || meaning(*result) == expected) << role << " changed at " << at;
      repository.served(role)[at] = good[at];
    }
  }
  EXPECT_GT(refused, 4000U / step);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutDigests, Flip, testing::Bool());

}  // namespace
}  // namespace reburst::client
