#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace reburst::image {

// What depmod(8) wrote beside one kernel's modules. Names have '-' as '_', as the kernel does; files are relative to
// /lib/modules/RELEASE.
struct ModuleIndex {
  struct Module {
    std::string file;                       // kernel/drivers/block/virtio_blk.ko.xz
    std::vector<std::string> dependencies;  // names, in the order that modules.dep gives them
  };
  std::map<std::string, Module> modules;
  std::set<std::string> builtin;
  std::map<std::string, std::vector<std::string>> soft;  // "softdep X pre: …"
};

// modules.dep(5), modules.builtin, modules.softdep. kPackage for text that depmod would not write: a file outside
// "kernel/", "updates/" and "extra/", a "..", a name that is not of [A-Za-z0-9_-], a module named twice, or a
// dependency that is not listed.
[[nodiscard]] Result<ModuleIndex> parse_modules(std::string_view dep, std::string_view builtin,
                                                std::string_view softdep);

// With '-' as '_'.
[[nodiscard]] std::string plain_module_name(std::string_view name);
// The module's name: "kernel/drivers/md/dm-verity.ko.xz" is dm_verity.
[[nodiscard]] std::string module_name(std::string_view file);

// Names in an order in which each can be loaded: dependencies and soft dependencies first, otherwise as asked, the
// required ones before the others. What is built in is left out. A `required` module that is neither there nor built in
// is kMissing; an `optional` one is skipped.
[[nodiscard]] Result<std::vector<std::string>> load_order(const ModuleIndex& index,
                                                          const std::vector<std::string>& required,
                                                          const std::vector<std::string>& optional);

struct BootModule {
  std::string name;     // as in its file's name: dm-verity
  std::string content;  // uncompressed
  // The machines that have to load it: patterns of the names of their devices, a line each. Empty: every machine.
  std::string devices = {};
};

// The modules that a boot from the image's own disk needs, in loading order, from /lib/modules/`release` of the tree;
// `with_state`, also what mounts a state volume, where it is not built in.
[[nodiscard]] Result<std::vector<BootModule>> boot_modules(const std::filesystem::path& root,
                                                           const std::string& release, bool with_state = false);

}  // namespace reburst::image
