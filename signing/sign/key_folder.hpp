#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "signing/sign/signer.hpp"

namespace reburst::signing {

// Who signs one role. Each of `keys` is the name of a file in the folder with a private key ("root.pem"), one with
// somebody else's public key ("anna.pub"), or a "pkcs11:" URI.
struct RoleSetup {
  unsigned threshold = 1;         // 1 … keys.size()
  std::vector<std::string> keys;  // each once
  unsigned expires_days = 365;    // 1 … 3650: after how long what it signs expires
};

// A publisher's keys (docs/formats/keys.md): the folder that holds "keys.json" and the key files.
struct KeyFolder {
  std::filesystem::path path;
  bool development = false;                // made by create_development_keys(): not for production
  std::map<std::string, RoleSetup> roles;  // root, targets, snapshot, timestamp, channel, and delegated roles
  std::string pkcs11_module;               // for URIs that name none; may be empty
};

// One key a role, for a year (root, targets), 90 days (channel), a week (snapshot) and a day (timestamp).
[[nodiscard]] KeyFolder default_setup(const std::filesystem::path& path, bool development);

// kMissing when there is no keys.json, kUsage when it is not as docs/formats/keys.md says, kEnvironment when others can
// write to the folder.
[[nodiscard]] Result<KeyFolder> read_key_folder(const std::filesystem::path& path);
// Replaces keys.json. kUsage for a setup that read_key_folder() would refuse.
[[nodiscard]] Result<> write_key_folder(const KeyFolder& folder);

// Makes the folder whole, or not at all: root, targets, snapshot and timestamp keys (Ed25519), a release key for all
// channels (ECDSA P-256), none with a passphrase. kUsage when the folder is there and not empty. `add` puts what else
// belongs into the folder, before anybody sees it.
using AddToFolder = std::function<Result<>(const std::filesystem::path& folder)>;
[[nodiscard]] Result<KeyFolder> create_development_keys(const std::filesystem::path& path, const AddToFolder& add = {});

// The role's own entry, else that of "channel".
[[nodiscard]] const RoleSetup& role_setup(const KeyFolder& folder, const std::string& role);

// The keys of a role, in their order; from NAME.pub beside NAME.pem where it is there, so that no passphrase is needed
// and the private key may be elsewhere. kSignature when two of them are the same key.
[[nodiscard]] Result<std::vector<PublicKey>> public_keys(const KeyFolder& folder, const RoleSetup& setup,
                                                         const AskPassphrase& ask);
// Those of them that can sign here: not somebody else's, and not those whose NAME.pub is here and NAME.pem is not.
// kSignature when NAME.pub does not belong to NAME.pem.
[[nodiscard]] Result<std::vector<std::unique_ptr<Signer>>> signers(const KeyFolder& folder, const RoleSetup& setup,
                                                                   const AskPassphrase& ask);

}  // namespace reburst::signing
