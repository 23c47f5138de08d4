#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/digest.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

namespace reburst::lock {

// The package whose EFI stub every UKI starts with; read by the builder, never installed in the image.
inline constexpr std::string_view kBootStubPackage = "systemd-boot-efi";

// Identity of a package inside a lock. `origin`/`suite`/`component` say which index it came from: any mirror serves.
struct LockedPackage {
  std::string name, version, architecture;
  std::string path;  // Filename, relative to a mirror of `origin`; for a local package its file name
  std::uint64_t size = 0;
  Digest sha256;
  std::string origin, suite, component;  // kLocalOrigin and nothing else for a recipe's own .deb files
  std::string priority, source;
  bool essential = false;
  bool requested = false;
  bool build_only = false;  // read by the builder (systemd-boot-efi's stub), never installed in the image
  std::string reason;
  auto operator<=>(const LockedPackage&) const = default;
};

inline constexpr std::string_view kLocalOrigin = "local";
// Whether it is one of the recipe's own .deb files; an archive may call itself "local" too, but its suites have names.
[[nodiscard]] bool is_local(const LockedPackage& package);

struct LockedRelease {
  std::string origin, suite, codename;
  Epoch date = 0;
  Digest digest;  // InRelease
  auto operator<=>(const LockedRelease&) const = default;
};

struct LockedIndex {
  std::string origin, suite, component, architecture;
  std::uint64_t size = 0;
  Digest digest;
  auto operator<=>(const LockedIndex&) const = default;
};

// Every input of a build, by digest. With the recipe and the tool's version it determines every output byte.
struct Lock {
  std::string role;
  std::string architecture;
  Epoch epoch = 0;
  Digest recipe;  // Recipe::digest
  std::vector<LockedRelease> releases;
  std::vector<LockedIndex> indexes;
  std::vector<LockedPackage> packages;  // sorted by name, architecture
};

// docs/formats/lock.md. `to_text` is canonical JSON; `parse` refuses anything it does not know (kLock).
[[nodiscard]] std::string to_text(const Lock& lock);
[[nodiscard]] Result<Lock> parse(std::string_view text, std::string_view name);
[[nodiscard]] Result<Lock> read(const std::filesystem::path& path);
[[nodiscard]] Digest digest(const Lock& lock);

// What a recipe says of its lock.
struct Expected {
  std::string role;
  Digest recipe;                          // Recipe::digest
  std::optional<Epoch> epoch;             // what the recipe pins; else the newest date of the lock's own releases
  bool bootable = false;                  // has a kernel: the builder reads systemd-boot-efi's stub
  std::string architecture;               // of this machine, as dpkg calls it
  std::vector<std::string> local = {};    // file names of packages.local
  std::vector<std::string> install = {};  // what the recipe asks for, "name" or "name=version", the kernel too
  std::vector<std::string> exclude = {};  // what the recipe wants to do without
  std::string renew;                      // the command that makes its lock anew, for hints
};

// kLock when `lock` is not one that this recipe can have; the hint names the command that renews it.
[[nodiscard]] Result<> check_recipe(const Lock& lock, const Expected& expected);

// kLock when `lock` lacks one of the `essential` names: those of the indexes that it was made from, but for what the
// recipe excludes. Whether a package is gone that the lock does not name, it cannot say by itself.
[[nodiscard]] Result<> check_essential(const Lock& lock, const std::set<std::string, std::less<>>& essential,
                                       const Expected& expected);

// The lock that `named` names, or else FOLDER/ROLE.lock when there is one; checked against its recipe.
[[nodiscard]] Result<std::optional<Lock>> find(const std::optional<std::filesystem::path>& named,
                                               const std::filesystem::path& folder, const Expected& expected);

}  // namespace reburst::lock
