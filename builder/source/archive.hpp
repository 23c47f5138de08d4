#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/digest.hpp"
#include "core/time.hpp"

namespace reburst::source {

// One InRelease file whose signature was checked.
struct Release {
  std::string origin, label, suite, codename, version;
  Epoch date = 0;
  std::optional<Epoch> valid_until;
  Digest digest;       // of the InRelease bytes as received (of Release, where the signature is apart)
  int priority = 500;  // apt's default pin: 500, or 100 or 1 for a NotAutomatic suite (backports, experimental), which
                       // apt takes a package from only where nothing of 500 has its name
};

// One verified Packages index (uncompressed on disk in the cache).
struct Index {
  std::size_t release = 0;  // position in Archive::releases
  std::string component, architecture;
  Digest digest;  // of the uncompressed Packages file, as the Release file lists it
  std::uint64_t size = 0;
  std::filesystem::path file;
  std::string base_uri;  // the mirror that served it; pool paths are relative to it. Never written to a lock.
};

// Every index of one build, in the order of the sources. What a lock records and the resolver reads.
struct Archive {
  std::vector<Release> releases;
  std::vector<Index> indexes;
  std::string architecture;  // dpkg's name: amd64
  std::string proxy;         // for http(s) fetches; empty: none
  [[nodiscard]] Epoch newest_date() const;
};

// The name that a release keeps: "stable" is another one every two years.
[[nodiscard]] const std::string& lasting_name(const Release& release);

// How messages call an index: "Debian/bookworm/main/amd64".
[[nodiscard]] std::string index_name(const Archive& archive, std::size_t index);

}  // namespace reburst::source
