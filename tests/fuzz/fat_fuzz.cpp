// links: reburst_image
// Any bytes as an EFI system partition: a boot program comes out of it, whole, or an error.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "builder/image/fat.hpp"
#include "core/file.hpp"
#include "core/handle.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst;
  const Fd file(::memfd_create("esp", MFD_CLOEXEC));
  if (!file.valid() || !write_at(file.get(), 0, std::as_bytes(std::span(data, size)), "esp")) return 0;
  const auto program = image::read_boot_program(file.get(), 0, size);
  if (!program && program.error().message.empty()) __builtin_trap();
  return 0;
}
