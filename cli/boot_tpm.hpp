#pragma once

#include <filesystem>
#include <string>

#include "core/json.hpp"
#include "trial/trial.hpp"

namespace reburst::cli {

// What "boot --tpm" compares: a register, what the manifest says of it (nothing: it says nothing, or of other keys),
// and what the TPM held.
struct Measurement {
  unsigned number = 0;
  std::optional<Digest> expected;
  Digest found;
};
// `own_keys`: the firmware had the keys that the release was signed with, and no others.
[[nodiscard]] std::vector<Measurement> compare_registers(const measure::Expected& expected,
                                                         const trial::Registers& registers, bool own_keys);

// kMissing for a release whose manifest says nothing of a TPM.
[[nodiscard]] Result<measure::Expected> require_measured_boot(const trial::Release& release,
                                                              const std::filesystem::path& folder);
// kTest when one is not as expected.
[[nodiscard]] Result<> require_equal(const std::vector<Measurement>& measurements, const std::filesystem::path& folder);

[[nodiscard]] std::string text_of(const std::vector<Measurement>& measurements);
[[nodiscard]] Json json_of(const std::vector<Measurement>& measurements);

}  // namespace reburst::cli
