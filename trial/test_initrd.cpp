#include "trial/test_initrd.hpp"

#include "trial/initrd.hpp"

extern "C" {
// programs.S
extern const char reburst_init_test_start[], reburst_init_test_end[];
extern const char reburst_agent_start[], reburst_agent_end[];
}

namespace reburst::trial {

namespace {

constexpr std::uint32_t kProgram = 0100755;
constexpr std::uint32_t kFolder = 0040755;

}  // namespace

Result<> write_test_initrd(const std::filesystem::path& released, const std::filesystem::path& out) {
  return write_changed_initrd(released,
                              {{"init", kProgram, {reburst_init_test_start, reburst_init_test_end}},
                               {"test", kFolder, {}},
                               {"test/agent", kProgram, {reburst_agent_start, reburst_agent_end}}},
                              out);
}

}  // namespace reburst::trial
