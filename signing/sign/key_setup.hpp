#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "signing/sign/key_folder.hpp"

// Changes of a key folder. Those that take a KeyFolder change the value alone: write_key_folder() keeps it.
namespace reburst::signing {

// Makes two key folders whose keys.json are the same: `offline` has the private keys of root and targets, encrypted
// where `passphrase` is not empty, `online` those of snapshot, timestamp and channel; each has the public ones of the
// other. kUsage when one of them is there and not empty. `add` puts what else belongs into `online`.
[[nodiscard]] Result<KeyFolder> create_split_keys(const std::filesystem::path& online,
                                                  const std::filesystem::path& offline, std::string_view passphrase,
                                                  const AddToFolder& add = {});

// The role's own entry; made as a copy of "channel" for a delegated role that has none, without its keys unless
// `with_keys`. kUsage for a name that is no role.
[[nodiscard]] Result<RoleSetup*> own_setup(KeyFolder& folder, const std::string& role, bool with_keys);

// Adds a key to a role: a "pkcs11:" URI, a private key file of the folder, or anybody's public key file NAME.pub, which
// is copied into the folder and listed as NAME.pem: it signs wherever NAME.pem lies beside it. kUsage when the role has
// it, or another NAME.pub is there. The name under which it is listed.
[[nodiscard]] Result<std::string> add_key(KeyFolder& folder, const std::string& role, const std::string& where);

// Takes a key out of a role, by the name that is listed or that of its public half; its files stay. kUsage when the
// role has none of that name, and for the last one.
[[nodiscard]] Result<> remove_key(KeyFolder& folder, const std::string& role, const std::string& name);

}  // namespace reburst::signing
