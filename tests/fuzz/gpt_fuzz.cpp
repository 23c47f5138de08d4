// links: tl::expected
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

// boot/ makes programs, no library that could be linked.
#include "boot/boot_conf.cpp"
#include "boot/gpt.cpp"
#include "boot/parse.cpp"

namespace {

class Buffer final : public reburst::boot::SectorReader {
 public:
  explicit Buffer(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool read(std::uint64_t offset, std::span<std::uint8_t> into) override {
    if (offset > bytes_.size() || bytes_.size() - offset < into.size()) return false;
    std::memcpy(into.data(), bytes_.data() + offset, into.size());
    return true;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace

// What is accepted lies inside the disk, each partition by itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::boot;
  static Gpt gpt;
  Buffer disk({data, size});
  if (!read_gpt(disk, size, 512, gpt)) return 0;
  for (const GptEntry& a : gpt.used()) {
    if (a.sectors == 0 || a.first_sector + a.sectors > size / 512 || a.number == 0 || a.number > 128) std::abort();
    for (const GptEntry& b : gpt.used()) {
      const bool apart = a.first_sector + a.sectors <= b.first_sector || b.first_sector + b.sectors <= a.first_sector;
      if (&a != &b && !apart) std::abort();
    }
  }
  return 0;
}
