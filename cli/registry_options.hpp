#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/verb.hpp"
#include "registry/client/remote.hpp"
#include "registry/client/verify.hpp"
#include "registry/repository/metadata.hpp"

namespace reburst::cli {

// What the verbs share that read or write a registry.
struct RegistryOptions {
  std::string registry = "registry";
  std::string keys, root, pkcs11_module;
  int passphrase_fd = -1;
  unsigned deadline = 0;  // seconds; 0: the client's own
};

// --registry, and --root for readers or --keys, --passphrase-fd and --pkcs11-module for publishers.
void add_reader_options(CLI::App& app, RegistryOptions& options);
void add_publisher_options(CLI::App& app, RegistryOptions& options);

// Refuses what is not one line of text; `what` is for the message. And --reason, which is such a line.
CLI::Validator one_line(const std::string& what);
CLI::Option* add_reason(CLI::App& app, std::string& reason, const char* what);

[[nodiscard]] std::filesystem::path keys_path(const Session& session, const RegistryOptions& options);

// The key folder at `path`; the hint of an error names `option`, by which it was given.
[[nodiscard]] Result<signing::KeyFolder> read_keys(const std::filesystem::path& path,
                                                   std::string_view option = "--keys");

// Where passphrases come from: --passphrase-fd, the systemd credential "reburst.passphrase", or the terminal.
[[nodiscard]] signing::AskPassphrase ask_passphrase(const Session& session, const RegistryOptions& options);

// For keys that are made: never empty, and asked twice at a terminal.
[[nodiscard]] Result<std::string> new_passphrase(const Session& session, const RegistryOptions& options,
                                                 const std::string& what);

// The first line of what a descriptor gives; `what` ("passphrase") is for messages, which never quote the line.
[[nodiscard]] Result<std::string> read_secret(int fd, std::string_view what, std::string_view from);

// Makes the OpenPGP key of a key folder, for images/.
[[nodiscard]] signing::AddToFolder add_openpgp_key(const Session& session, const std::string& user_id);

// The line that somebody types, without echo, whatever standard input and output are; `what` is for messages.
[[nodiscard]] Result<std::string> ask_terminal(const std::string& question, std::string_view what, Error no_terminal);

// The keys of --keys; where nothing was configured, development keys are made there, and it is said loudly.
[[nodiscard]] Result<registry::Publisher> publisher(const Session& session, const RegistryOptions& options,
                                                    bool create_keys, Progress& progress);

// A registry's folder that is only looked at; a note where nobody can be kept from changing it meanwhile.
[[nodiscard]] Result<registry::Metadata> open_to_read(registry::Publisher who, const std::string& registry,
                                                      Progress& progress);

// Commits, or writes a proposal where a file is named for it.
[[nodiscard]] Result<> commit_or_propose(registry::Metadata& metadata, const std::string& proposal, Progress& progress);

// --root FILE, or the root.json that the first publication left in the key folder.
[[nodiscard]] Result<std::string> trusted_root(const Session& session, const RegistryOptions& options);

// What the clones of an image trust: the root.json at `file`, checked; empty where none is named. In canonical form:
// how it was spelled is no input of an image.
[[nodiscard]] Result<std::string> image_trust_root(const std::filesystem::path& file);

// Where this user's machine keeps what it has seen at `registry`, a folder or an address, under a root.
[[nodiscard]] std::filesystem::path state_folder(const Session& session, const std::string& root,
                                                 const std::string& registry);

// The later of the clock and the latest time that is kept with the root, of any registry: a clock that was set back
// thaws nothing.
[[nodiscard]] Result<Epoch> latest_time(const Session& session, const std::string& root);

// The registry as a reader sees it. `roles`: delegated roles to look into; empty: all.
[[nodiscard]] Result<client::Remote> open_remote(const Session& session, const RegistryOptions& options,
                                                 const std::vector<std::string>& roles);

// The delegated roles that a reference needs: one where it names a channel, else all.
[[nodiscard]] std::vector<std::string> roles_for(const client::Reference& reference);

// How a pulled disk is checked against its root hash.
[[nodiscard]] client::RootHash root_hash_of_disk(std::size_t jobs);

// What --json says of a release that was verified.
[[nodiscard]] Json release_json(const client::ChannelRelease& release, const std::filesystem::path& folder);

// A release folder: SUBJECT itself, or the newest version of that role under --out.
[[nodiscard]] Result<std::filesystem::path> release_folder(const Session& session, const std::string& subject);

}  // namespace reburst::cli
