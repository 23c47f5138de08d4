// links: reburst_trial
// Any bytes as a TPM's answer to TPM2_PCR_Read: three registers, whose digests were there, or nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "trial/tpm.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst;
  const std::string_view answer(reinterpret_cast<const char*>(data), size);
  const auto registers = trial::parse_registers(answer);
  if (!registers) return 0;
  if (registers->size() != 3) std::abort();
  for (const auto& [number, digest] : *registers) {
    const std::string_view bytes(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size());
    if (answer.find(bytes) == std::string_view::npos) std::abort();
  }
  return 0;
}
