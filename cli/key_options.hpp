#pragma once

#include <string>

#include "cli/registry_options.hpp"
#include "signing/sign/key_folder.hpp"

namespace reburst::cli {

// "web-stable: 2 of 3 keys, metadata for 90 days"
[[nodiscard]] std::string role_line(const std::string& role, const signing::RoleSetup& setup);

// key add, key remove, key set.
std::vector<Verb> add_key_setup(CLI::App& key, Session& session);

}  // namespace reburst::cli
