#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace reburst::source {

// One entry of apt's sources (sources.list(5)), as written but for $(ARCH): still every URI with every suite.
struct SourceEntry {
  std::string name;  // the file's, for messages
  std::size_t line = 0;
  std::vector<std::string> uris, suites, components;
  std::vector<std::string> signed_by;  // paths of keyrings, and fingerprints
  std::string embedded_keys;           // an armored block given in place of a path
  std::vector<std::string> architectures, architectures_add, architectures_remove;
  std::optional<bool> check_valid_until;
  bool trusted = false;  // apt would take it unsigned; we do not
};

// Entries of type `deb` that are enabled. kEnvironment with file and line for what apt would not accept either.
[[nodiscard]] Result<std::vector<SourceEntry>> parse_one_line_sources(std::string_view text, std::string_view name);
[[nodiscard]] Result<std::vector<SourceEntry>> parse_deb822_sources(std::string_view text, std::string_view name);

}  // namespace reburst::source
