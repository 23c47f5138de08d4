#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "builder/describe/manifest.hpp"
#include "builder/inspect/expected.hpp"
#include "core/result.hpp"
#include "trial/trial.hpp"

namespace reburst::attack {

// A release that is attacked: its files, checked against its manifest, and what its disk has to be.
struct Subject {
  describe::Manifest manifest;
  trial::Release release;
  inspect::Expected expected;
  std::string conf;           // /boot.conf of its initrd
  bool has_system = false;    // a systemd in its root; without one nothing happens after the hand-over
  unsigned stub_version = 0;  // of systemd's stub in its boot program; 0: unknown

  // The value of a key in boot.conf; empty when it has none.
  [[nodiscard]] std::string_view told(std::string_view key) const;
  // What reburst-init says of this release, and of no other, before it hands over.
  [[nodiscard]] std::string announcement() const;
};

// As trial::open_release(); kMissing for a release without disk and kernel.
[[nodiscard]] Result<Subject> open_subject(const std::filesystem::path& folder, std::size_t jobs);

}  // namespace reburst::attack
