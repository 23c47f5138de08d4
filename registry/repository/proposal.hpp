#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/repository/metadata.hpp"
#include "registry/repository/present.hpp"
#include "signing/sign/seal.hpp"

// A change that wants more signatures than one key folder has: a file that goes from approver to approver
// (docs/formats/registry.md, "Proposals").
namespace reburst::registry {

struct Proposal {
  std::map<std::string, std::string> roles;      // "web-stable" → its metadata, signed by those who agreed so far
  std::map<std::string, std::string> histories;  // "web-stable" → the history that its metadata names
  std::string root, targets;  // those of the registry when it was made; empty when it had none. A new registry of a key
                              // folder that has a root has that root, and no targets
};

// What the next commit would write, signed by the keys that are here; the files that it names stay in the registry.
// kUsage when nothing changed.
[[nodiscard]] Result<Proposal> propose(Metadata& metadata);

// kIntegrity for what is no proposal: metadata under another role's name, files outside the channel, a history that is
// not the one that the metadata names, a delegation of other paths than its channel's.
[[nodiscard]] Result<Proposal> read_proposal(const std::filesystem::path& file);
[[nodiscard]] Result<> write_proposal(const std::filesystem::path& file, const Proposal& proposal);

// What an approver has to know of a role before signing it.
struct Count {
  unsigned given = 0, needed = 0;
};
struct Review {
  std::string role;
  tuf::Header header;
  std::vector<std::string> changes;  // "last move: promote 20261101T101112Z -> 20261121T161027Z at …: nginx CVE fix"
  std::vector<Count> signatures;     // of a root whose keys change: by the keys until now, and by the new ones
};
// kSignature when a signature by a key that counts does not fit: the text was changed after it was signed. Releases are
// compared with `present` when the proposal was made of it; else all that the proposal names are told.
[[nodiscard]] Result<std::vector<Review>> review(const Proposal& proposal, const Present* present = nullptr);
[[nodiscard]] bool is_complete(const std::vector<Review>& reviews);

// Adds the signatures of those keys of the folder that count, and of `old_keys`, which it does not name any more; how
// many such keys there are. kSignature as review(); as check_follows() when it was made of `present`.
[[nodiscard]] Result<std::size_t> approve(Proposal& proposal, const Publisher& publisher,
                                          const Present* present = nullptr, const signing::Signers& old_keys = {});

// Commits it. kSignature while signatures are missing; kUsage when the registry has changed since; kMissing and
// kIntegrity when a file that it names is not in the registry as it says; as check_delegations() and check_follows().
// Nothing is changed then.
[[nodiscard]] Result<> accept(Metadata& metadata, const Proposal& proposal, Progress& progress);

}  // namespace reburst::registry
