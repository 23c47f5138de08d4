#pragma once

#include <string>
#include <string_view>

#include "attack/case.hpp"

namespace reburst::attack {

// `text` with the line that begins with `key` and a blank replaced by `line`. kMissing when it has none, or that very
// one.
[[nodiscard]] Result<std::string> with_line(std::string_view text, std::string_view key, std::string_view line);

// boot.conf as direct boots get it: of a release that demands Secure Boot, one that does not; no direct boot has it.
[[nodiscard]] std::string direct_conf(const Subject& subject);

// The released initrd, then an archive with another boot.conf, which wins, as the machine's.
[[nodiscard]] Result<> put_conf(const Bench& bench, trial::BareMachine& machine, const std::string& conf);

}  // namespace reburst::attack
