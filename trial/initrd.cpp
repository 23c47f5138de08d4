#include "trial/initrd.hpp"

#include "core/file.hpp"

namespace reburst::trial {

namespace {

constexpr std::uint64_t kMaxInitrd = 512U << 20U;
constexpr std::size_t kArchiveUnit = 512;

}  // namespace

Result<> write_changed_initrd(const std::filesystem::path& released, const std::vector<image::CpioEntry>& entries,
                              const std::filesystem::path& out) {
  std::string initrd = REBURST_TRY(read_file(released, kMaxInitrd));
  initrd.resize((initrd.size() + kArchiveUnit - 1) / kArchiveUnit * kArchiveUnit, '\0');
  initrd += image::write_cpio(entries, 0);
  return write_file_atomic(out, initrd);
}

}  // namespace reburst::trial
