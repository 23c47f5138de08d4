// links: reburst_source
// Any bytes: an armored key block and a clear-signed message are taken apart or refused; keys are never longer than
// their armor.
#include "builder/source/armor.hpp"
#include "builder/source/signature.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto keys = reburst::source::dearmor_keys(text, "fuzz");
  if (keys && (keys->empty() || keys->size() > size)) __builtin_trap();
  (void)reburst::source::check_clear_signed(text, "fuzz");
  (void)reburst::source::judge(text, {}, "fuzz");
  return 0;
}
