#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/repository/metadata.hpp"

// A change of channels that wants more signatures than one key folder has: a file that goes from approver to approver
// (docs/formats/registry.md, "Proposal").
namespace reburst::registry {

struct Proposal {
  std::map<std::string, std::string> roles;  // "web-stable" → its metadata, signed by those who agreed so far
};

[[nodiscard]] Result<Proposal> read_proposal(const std::filesystem::path& file);
[[nodiscard]] Result<> write_proposal(const std::filesystem::path& file, const Proposal& proposal);

// Adds the signatures of those keys of the folder that belong to the roles. kSignature when there is none.
[[nodiscard]] Result<> approve(Proposal& proposal, const Publisher& publisher);

// Commits it (kSignature while signatures are missing; kUsage when the channel has changed since).
[[nodiscard]] Result<> accept(Metadata& metadata, const Proposal& proposal, Progress& progress);

}  // namespace reburst::registry
