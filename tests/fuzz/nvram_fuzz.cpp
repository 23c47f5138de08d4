// links: reburst_firmware
// Any bytes as a firmware's NVRAM: its variables, or an error. What is read was there, and a volume that holds any is
// not written over.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "signing/firmware/nvram.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst;
  const std::string_view volume(reinterpret_cast<const char*>(data), size);
  const auto variables = firmware::read_nvram(volume, "nvram.fd");
  if (!variables && variables.error().code != ErrorCode::kIntegrity) std::abort();
  std::size_t total = 0;
  for (const auto& each : variables.value_or(std::vector<firmware::Variable>())) {
    total += each.data.size();
    if (volume.find(each.data) == std::string_view::npos) std::abort();
  }
  if (total > size) std::abort();
  const firmware::Enrolment enrolment{
      .platform_key = "pk", .exchange_keys = "kek", .allowed = "db", .revoked = "dbx", .time = 1};
  const auto made = firmware::make_nvram(volume, enrolment, "nvram.fd");
  if (!made) return 0;
  // PK, KEK, db, dbx and SecureBootEnable, in a volume that was read and had none.
  const auto again = firmware::read_nvram(*made, "nvram.fd");
  if (!variables || total != 0 || made->size() != size || !again || again->size() != 5) std::abort();
  return 0;
}
