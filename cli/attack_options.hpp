#pragma once

#include <string>
#include <vector>

#include "attack/attack.hpp"
#include "cli/registry_options.hpp"

namespace reburst::cli {

// What "attack" and "boot --tamper" want to know of whoever attacks a release.
struct AttackOptions {
  RegistryOptions keys;  // of it --keys, --passphrase-fd and --pkcs11-module
  std::string nvram, ticket;
  unsigned timeout_seconds = 300;
};

// --nvram, --ticket, --timeout, --keys, --passphrase-fd, --pkcs11-module.
void add_attack_options(CLI::App& app, AttackOptions& options);

// The NVRAM that was named, else that of the keys where it is there; the key of db only where a chosen case needs it.
[[nodiscard]] Result<attack::Means> attack_means(const Session& session, const AttackOptions& options,
                                                 const std::vector<const attack::Case*>& chosen);

// "boot ROLE --tamper CASE": 0 when the case came out as its table says, else kTest.
VerbResult boot_tampered(const Session& session, const AttackOptions& options, const std::string& subject,
                         const std::string& name);

[[nodiscard]] std::string seconds_text(double seconds);  // "6.1 s"

}  // namespace reburst::cli
