#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "attack/attack.hpp"
#include "core/json.hpp"

namespace reburst::attack {

// docs/formats/attack-evidence.md
inline constexpr std::string_view kPredicateType = "urn:reburst:attack:v1";
inline constexpr std::string_view kEvidenceSuffix = ".attack.intoto.json";

struct Circumstances {
  std::string tool, qemu;  // "reburst 0.1.0", "QEMU emulator version 7.2.22 (…)"
  trial::Accelerator accelerator = trial::Accelerator::kEmulation;
  Epoch started = 0;
};

// The predicate: what was done to the release, and what came of it.
[[nodiscard]] Json predicate(const std::vector<Verdict>& verdicts, const Circumstances& circumstances);

// All cases that the release can be attacked with came out as expected, and there was one.
[[nodiscard]] bool passed(const std::vector<Verdict>& verdicts);

}  // namespace reburst::attack
