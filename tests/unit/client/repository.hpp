#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "registry/client/trust.hpp"
#include "signing/sign/seal.hpp"

namespace reburst::client {

constexpr Epoch kDay = 86'400;
constexpr Epoch kNow = 1'795'219'200;  // 2026-11-21T00:00:00Z

// A real key of that name, made once per process. Names with "p256" in them are ECDSA keys.
const signing::Signer& signer(const std::string& name);
const signing::PublicKey& key(const std::string& name);

// A role that `names` sign for.
tuf::RoleKeys role_keys(const std::vector<std::string>& names, unsigned threshold);

// A registry in memory. Made with version 1 of everything: a root of two out of three keys, two channels, the second
// with two keys. A test changes the values, then publishes them.
class Repository {
 public:
  // `prefix` begins the names of all keys: two prefixes make two registries that have nothing in common.
  explicit Repository(std::string prefix = {});

  tuf::Root root;
  tuf::Targets targets;
  std::map<std::string, tuf::Targets> delegated;
  tuf::Snapshot snapshot;
  tuf::Timestamp timestamp;
  std::map<std::string, std::vector<std::string>> signers;  // role → names of keys
  std::map<std::string, std::string> files;                 // what is served, by name
  bool state_hashes = true;                                 // whether snapshot and timestamp have length and SHA-256

  // Each seals the value as it is, with the role's signers, and serves it. put_targets() and put_snapshot() note it in
  // what lists it.
  void put_root();
  void put_targets(const std::string& role);
  void put_snapshot();
  void put_timestamp();
  // One version up, sealed and served, with all that lists it.
  void bump_root();
  void bump(const std::string& role);

  [[nodiscard]] std::string seal(const std::string& role, const Json& body) const;  // by the role's signers
  [[nodiscard]] std::string name(const std::string& role) const;                    // "2.web-stable.json"
  [[nodiscard]] tuf::Header& header(const std::string& role);
  std::string& served(const std::string& role) { return files.at(name(role)); }
  // Serves `text` in the place of the file that `role` has now; what lists it follows.
  void serve_instead(const std::string& role, std::string text);

  [[nodiscard]] FetchMetadata fetch() const;
  [[nodiscard]] TrustedState first() const;  // root alone
  // Runs the workflow at kNow.
  [[nodiscard]] Result<VerifiedMetadata> update(const TrustedState& trusted, UpdateOptions options = {}) const;

 private:
  void add_channel(const std::string& channel);
  [[nodiscard]] tuf::MetaFile note(std::uint64_t version, const std::string& text) const;
};

// The state after a successful update of `state`.
TrustedState updated(const Repository& repository, const TrustedState& state);
inline TrustedState updated(const Repository& repository) {
  return updated(repository, repository.first());
}

// Refused with exactly this code and message.
void expect_refused(const Result<VerifiedMetadata>& result, ErrorCode code, const std::string& message);

// `text` with its "signatures" or "signed" changed, written canonically.
std::string edited(const std::string& text, const std::function<void(Json&)>& change);

}  // namespace reburst::client
