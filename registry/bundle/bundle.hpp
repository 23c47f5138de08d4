#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/progress.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "registry/client/verify.hpp"
#include "registry/repository/metadata.hpp"

// A registry in one file for sites without a network (docs/formats/bundle.md, docs/adr/0015-bundle.md).
namespace reburst::bundle {

struct ExportOptions {
  std::filesystem::path file;            // replaced when it is there
  std::vector<std::string> selection{};  // "web" or "web@stable"; empty: every channel
  Epoch now = 0;
  client::RootHash root_hash;
  std::size_t jobs = 1;
  bool dry_run = false;  // everything but the file
};

struct Exported {
  std::vector<std::string> channels;  // "web@stable"
  std::size_t releases = 0;           // of these channels; one in two channels counts twice
  std::uint64_t bytes = 0;            // of what is in the bundle
  Epoch usable_until = 0;             // when the first of its metadata expires
};

// The same registry and selection give the same bytes. kExpired and kIntegrity for a registry that no client would
// accept, and for a selection with a channel that has expired; kMissing for one that it does not have. `metadata` is
// narrowed to the selection.
[[nodiscard]] Result<Exported> export_bundle(registry::Metadata& metadata, const ExportOptions& options,
                                             Progress& progress);

struct ImportOptions {
  std::filesystem::path file, registry;
  std::string root;  // the trusted root.json: its text
  Epoch now = 0;
  client::RootHash root_hash;
  std::size_t jobs = 1;
  bool dry_run = false;  // everything but the last step
};

struct Imported {
  std::vector<std::string> channels;  // "web@stable"
  std::size_t releases = 0;
  std::uint64_t bytes = 0;  // read from the bundle
  Epoch usable_until = 0;
  bool replaced = false;  // there was a registry
};

// Verifies as a client does, from the trusted root to the root hash of every disk, and every door; then the registry
// stands there by one rename. Whatever fails or kills it before, what stood there stays. kIntegrity (rollback) for a
// bundle that is older than the registry that is there, kSignature for another root, kUsage for one that lacks channels
// of that registry.
[[nodiscard]] Result<Imported> import_bundle(const ImportOptions& options, Progress& progress);

}  // namespace reburst::bundle
