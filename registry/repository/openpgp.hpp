#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "signing/sign/key_folder.hpp"

namespace reburst::registry {

// Removes the folders below /tmp in which a process of this user that was killed let gpg work: a secret key may be in
// them. Every use of gpg here does so first.
void sweep_openpgp();

// "openpgp.key" of the key folder, when it is there.
[[nodiscard]] std::optional<std::filesystem::path> find_openpgp_key(const signing::KeyFolder& keys);

// A detached binary OpenPGP signature of `text`, by gpg, with the secret key that `key_file` exports (no passphrase);
// checked with gpgv before it is returned. kEnvironment when others may read the key, as for key files. gpg works in a
// folder of its own, which nobody else may read: the user's keys are not seen.
[[nodiscard]] Result<std::string> sign_openpgp(std::string_view text, const std::filesystem::path& key_file, Epoch now);

// The keyring beside it, "openpgp.key.pub", when it is there.
[[nodiscard]] std::optional<std::filesystem::path> find_openpgp_keyring(const signing::KeyFolder& keys);
// kSignature unless `signature_file` is a detached signature of `text_file` by a key of the keyring, says gpgv.
[[nodiscard]] Result<> verify_openpgp(const std::filesystem::path& text_file,
                                      const std::filesystem::path& signature_file,
                                      const std::filesystem::path& keyring);

// Makes an Ed25519 signing key: FILE (secret, mode 0600) and FILE.pub (a keyring for gpgv and systemd-pull).
[[nodiscard]] Result<> create_openpgp_key(const std::filesystem::path& file, const std::string& user_id, Epoch now);

}  // namespace reburst::registry
