// links: tl::expected
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// boot/ makes programs, no library that could be linked.
#include "boot/secure_boot_state.cpp"

// Only two contents are a value; Secure Boot is on by no single variable.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::boot;
  const EfiFlag flag = parse_efi_flag({reinterpret_cast<const char*>(data), size});
  const bool value = flag == EfiFlag::kClear || flag == EfiFlag::kSet;
  if (value && (size != 5 || data[0] != 6 || data[4] > 1)) std::abort();
  if (judge(flag, EfiFlag::kMissing) == SecureBoot::kOn || judge(EfiFlag::kMissing, flag) == SecureBoot::kOn)
    std::abort();
  if (judge(flag, EfiFlag::kClear) == SecureBoot::kOn && flag != EfiFlag::kSet) std::abort();
  return 0;
}
