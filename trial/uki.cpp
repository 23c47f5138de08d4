#include "trial/uki.hpp"

#include "builder/measure/section.hpp"

namespace reburst::trial {

namespace {

constexpr std::size_t kMaxCmdline = 4096;

}  // namespace

Result<std::string> read_cmdline(std::string_view bytes, std::string_view name) {
  const auto section = measure::find_section(bytes, ".cmdline");
  if (!section || section->size() > kMaxCmdline) {
    return fail(ErrorCode::kIntegrity,
                "cannot read the command line of \"" + std::string(name) + "\": no UKI with a section \".cmdline\"",
                "build the image again");
  }
  std::string_view line = *section;
  while (!line.empty() && (line.back() == '\0' || line.back() == '\n')) line.remove_suffix(1);
  return std::string(line);
}

}  // namespace reburst::trial
