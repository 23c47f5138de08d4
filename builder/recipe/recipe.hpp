#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace reburst::recipe {

// `sources: host`: the machine's own apt configuration.
struct HostSources {};

// One entry of a `sources:` list.
struct ArchiveSource {
  std::string uri;  // http:, https: or file:
  std::vector<std::string> suites;
  std::vector<std::string> components;
  std::filesystem::path keyring;  // absolute
};
using Sources = std::variant<HostSources, std::vector<ArchiveSource>>;

struct Packages {
  std::vector<std::string> install;  // "name", or "name=version"
  std::vector<std::string> exclude;
  bool recommends = false;
  std::vector<std::filesystem::path> local;  // absolute paths of .deb files
};

struct DebconfAnswer {
  std::string package, question, type, value;
};

// Exactly one of `content` and `from` is set. A `from` folder is added with all it holds.
struct FileEntry {
  std::string path;  // absolute, inside the image
  std::optional<std::string> content;
  std::optional<std::filesystem::path> from;  // absolute, on the build machine
  std::optional<std::uint32_t> mode;  // default: 0644, or for `from` 0755/0644 by the executable bit; folders 0755
  std::string owner = "root", group = "root";
};

struct User {
  std::string name;
  bool system = false;
  std::string home,
      shell;  // default: /nonexistent and /usr/sbin/nologin for a system user, else /home/NAME and /bin/bash
};

struct Services {
  std::vector<std::string> enable, disable, mask;
};

struct StateVolume {
  std::string mount, volume;
};

struct Kernel {
  std::string package;  // empty: no kernel, and no bootable image
  std::vector<std::string> cmdline;
};

// What a clone demands before it hands over to its system (docs/formats/boot-conf.md).
struct Boot {
  std::string secure_boot = "preferred";  // preferred, required
  bool scan = true;                       // read the whole root before it is mounted
  std::string ticket = "optional";        // optional, required
  std::string on_failure = "poweroff";    // poweroff, reboot
};

struct Image {
  std::string compression = "none";  // none, lz4, lz4hc
  std::vector<std::string> exclude;
  std::vector<std::string> formats = {"raw"};
};

struct HttpTest {
  std::uint16_t port = 80;
  std::string path = "/";
  std::uint16_t status = 200;
};
struct CommandTest {
  std::string command;
  std::optional<std::string> stdout_text;  // compared after trimming trailing newlines
  int status = -1;                         // expected exit status; -1: 0 unless stdout_text is given, then any
};
struct ImageTest {
  std::string name;
  std::variant<HttpTest, CommandTest> check;
};

// A role's recipe with everything it inherits merged in. Immutable once loaded.
struct Recipe {
  std::string role;
  std::string summary;
  Sources sources;
  std::optional<std::string> suite;
  std::optional<Epoch> epoch;
  bool inherits = false;  // has a `from:`; without one the image starts from the Essential packages alone
  Packages packages;
  std::vector<DebconfAnswer> debconf;
  std::vector<FileEntry> files;
  std::vector<std::string> run;
  std::vector<User> users;
  Services services;
  std::vector<StateVolume> state;
  Kernel kernel;
  Boot boot;
  Image image;
  std::vector<ImageTest> tests;

  Json merged;    // the whole recipe as JSON, defaults filled in, the same on every machine: files by SHA-256, sources
                  // without address
  Digest digest;  // of canonical_json(merged without "tests"): what a lock is bound to
  std::filesystem::path file;  // the role's own recipe file (its lock stands beside it)
};

struct LoadOptions {
  std::filesystem::path recipes;  // the shipped recipes, or --recipes DIR
};

// `role` is a name ("web": looked up in options.recipes) or a path to a .yaml file. Errors are kRecipe with
// file:line:column, the line, a caret and a hint; kMissing when there is no such role.
[[nodiscard]] Result<Recipe> load(const std::string& role, const LoadOptions& options);

// `reburst recipe show`: the merged recipe as YAML, each line with the file it came from.
[[nodiscard]] Result<std::string> show(const std::string& role, const LoadOptions& options);

// `reburst recipe check FILE…`: what is wrong, at most one error a file, in the order of the files.
[[nodiscard]] std::vector<Error> check(const std::vector<std::string>& files, const LoadOptions& options);

// `reburst recipe schema`: the JSON Schema of a recipe.
[[nodiscard]] std::string_view schema_text();

struct RoleEntry {
  std::string role, summary;
  std::optional<Error> problem;  // why it cannot be loaded
};
// The roles of options.recipes, sorted by name.
[[nodiscard]] std::vector<RoleEntry> list_roles(const LoadOptions& options);

}  // namespace reburst::recipe
