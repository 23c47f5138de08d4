// links: tl::expected
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// boot/ makes programs, no library that could be linked.
#include "boot/boot_conf.cpp"
#include "boot/parse.cpp"

// What is accepted keeps the promises that the later steps rely on.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::boot;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto conf = parse_boot_conf(text);
  if (!conf) {
    if (conf.error().what.empty() || conf.error().expected.empty()) std::abort();
    return 0;
  }
  const bool sound = !conf->role.empty() && !conf->version.empty() && conf->data_blocks > 0 &&
                     conf->hash_blocks == conf->hash_start + verity_tree_blocks(conf->data_blocks) &&
                     conf->salt_size <= conf->salt.size() && conf->state_count <= conf->state.size();
  if (!sound) std::abort();
  for (const StateMount& each : conf->state_mounts()) {
    if (!each.mount.view().starts_with('/') || each.mount.full() || each.volume.full()) std::abort();
    if (each.mount.view().find("/../") != std::string_view::npos) std::abort();
  }
  return 0;
}
