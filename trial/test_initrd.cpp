#include "trial/test_initrd.hpp"

#include "builder/image/cpio.hpp"
#include "core/file.hpp"

extern "C" {
// programs.S
extern const char reburst_init_test_start[], reburst_init_test_end[];
extern const char reburst_agent_start[], reburst_agent_end[];
}

namespace reburst::trial {

namespace {

constexpr std::uint64_t kMaxInitrd = 512U << 20U;
constexpr std::uint32_t kProgram = 0100755;
constexpr std::uint32_t kFolder = 0040755;

}  // namespace

Result<> write_test_initrd(const std::filesystem::path& released, const std::filesystem::path& out) {
  std::string initrd = REBURST_TRY(read_file(released, kMaxInitrd));
  initrd.resize((initrd.size() + 511) / 512 * 512, '\0');
  initrd += image::write_cpio({{"init", kProgram, {reburst_init_test_start, reburst_init_test_end}},
                               {"test", kFolder, {}},
                               {"test/agent", kProgram, {reburst_agent_start, reburst_agent_end}}},
                              0);
  return write_file_atomic(out, initrd);
}

}  // namespace reburst::trial
