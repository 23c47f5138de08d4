#include "builder/attest/licences.hpp"

#include <sys/stat.h>

#include "builder/tree/beneath.hpp"
#include "core/text.hpp"

namespace reburst::attest {

namespace {

constexpr std::uint64_t kMaxCopyright = 16U << 20U;

Licence licence_of(const std::string& path, std::string_view text, ExtractedLicences& extracted) {
  const auto copyright = parse_copyright(text);
  if (copyright && !copyright->licences.empty()) return {spdx_expression(*copyright, extracted), {}};
  std::string comment = path + (copyright ? " names no licence" : " is not machine-readable");
  const auto common = common_licences(text);
  if (!common.empty()) comment += "; it refers to " + join(common, ", ");
  return {{}, std::move(comment)};
}

}  // namespace

Result<Licences> read_licences(const tree::Tree& tree, const lock::Lock& lock) {
  const auto root = REBURST_TRY(tree::Beneath::open(tree.root));
  Licences out;
  for (const auto& package : lock.packages) {
    if (package.build_only) continue;
    Licence& licence = out.packages[package.name];
    const std::string path = "/usr/share/doc/" + package.name + "/copyright";
    const auto info = REBURST_TRY(root.examine_target(path));
    if (!info || !S_ISREG(info->st_mode) || static_cast<std::uint64_t>(info->st_size) > kMaxCopyright) {
      licence.comment = "the package has no copyright file";
      continue;
    }
    licence = licence_of(path, REBURST_TRY(root.read(path, kMaxCopyright)), out.extracted);
  }
  return out;
}

}  // namespace reburst::attest
