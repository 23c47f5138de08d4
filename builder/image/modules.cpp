#include "builder/image/modules.hpp"

#include <algorithm>
#include <array>

#include "builder/image/archives.hpp"
#include "builder/image/in_root.hpp"
#include "builder/image/module_devices.hpp"
#include "core/text.hpp"

namespace reburst::image {

namespace {

constexpr std::uint64_t kMaxIndex = 16U << 20U;
constexpr std::uint64_t kMaxModule = 64U << 20U;

// Without these no image boots on any machine that QEMU or a cloud offers.
const std::vector<std::string>& required_modules() {
  static const std::vector<std::string> kNames{"virtio_pci", "virtio_blk", "dm_verity", "erofs"};
  return kNames;
}

// A SHA-256 that uses the processor (the generic one makes verity slow), firmware variables, release tickets from QEMU.
const std::vector<std::string>& optional_modules() {
  static const std::vector<std::string> kNames{"sha256_ssse3", "efivarfs", "qemu_fw_cfg"};
  return kNames;
}

// Disks of other machines. A module costs a machine that has no use for it a signature's verification all the same.
const std::vector<std::string>& disk_drivers() {
  static const std::vector<std::string> kNames{"nvme",         "virtio_scsi", "vmw_pvscsi", "hv_storvsc",
                                               "xen_blkfront", "ahci",        "ata_piix"};
  return kNames;
}
// These bring SCSI devices, and sd_mod makes disks of them.
constexpr std::array<std::string_view, 5> kScsiHosts{"virtio_scsi", "vmw_pvscsi", "hv_storvsc", "ahci", "ata_piix"};

// The file system of state volumes, and the checksum that it asks the kernel for by another name than its module's.
// Optional: with none of the two, no volume is mounted, and the boot says so.
const std::vector<std::string>& state_modules() {
  static const std::vector<std::string> kNames{"crc32c_generic", "ext4"};
  return kNames;
}

tl::unexpected<Error> malformed(const std::string& why) {
  return fail(ErrorCode::kPackage, "cannot read the kernel's module index: " + why);
}

bool is_safe(std::string_view file) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/_-.+,").find(c) != std::string_view::npos;
  };
  return (file.starts_with("kernel/") || file.starts_with("updates/") || file.starts_with("extra/")) &&
         file.find("/../") == std::string_view::npos && std::ranges::all_of(file, allowed) &&
         !module_name(file).empty();
}

Result<> parse_dependencies(std::string_view text, ModuleIndex& index) {
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return malformed("a line of modules.dep has no colon");
    const std::string file(line.substr(0, colon));
    if (!is_safe(file)) return malformed("modules.dep names \"" + file + "\"");
    ModuleIndex::Module module{.file = file, .dependencies = {}};
    for (const std::string_view needed : split_words(line.substr(colon + 1))) {
      if (!is_safe(needed)) return malformed("modules.dep names \"" + std::string(needed) + "\"");
      module.dependencies.push_back(module_name(needed));
    }
    // depmod lists what must be loaded first last.
    std::ranges::reverse(module.dependencies);
    const auto [place, added] = index.modules.emplace(module_name(file), std::move(module));
    if (!added) return malformed("modules.dep names the module \"" + place->first + "\" twice");
  }
  return {};
}

Result<> check_dependencies(const ModuleIndex& index) {
  for (const auto& [name, module] : index.modules) {
    for (const std::string& needed : module.dependencies) {
      if (!index.modules.contains(needed))
        return malformed("\"" + name + "\" needs \"" + needed + "\", which it does not list");
    }
  }
  return {};
}

void parse_soft(std::string_view text, ModuleIndex& index) {
  for (const std::string_view line : split(text, '\n')) {
    const std::vector<std::string_view> words = split_words(line);
    if (words.size() < 4 || words[0] != "softdep") continue;
    bool before = false;
    for (const std::string_view word : std::span(words).subspan(2)) {
      if (word.ends_with(':'))
        before = word == "pre:";
      else if (before)
        index.soft[plain_module_name(words[1])].push_back(plain_module_name(word));
    }
  }
}

class Order {
 public:
  explicit Order(const ModuleIndex& index) : index_(index) {}

  // A module that is being placed counts as placed, so a cycle of dependencies ends.
  void place(const std::string& name) {
    const auto found = index_.modules.find(name);
    if (found == index_.modules.end() || !seen_.insert(name).second) return;
    if (const auto soft = index_.soft.find(name); soft != index_.soft.end()) {
      for (const std::string& needed : soft->second) place(needed);
    }
    for (const std::string& needed : found->second.dependencies) place(needed);
    order_.push_back(name);
  }
  std::vector<std::string> take() { return std::move(order_); }

 private:
  const ModuleIndex& index_;
  std::set<std::string> seen_;
  std::vector<std::string> order_;
};

Result<std::string> read_index(const std::filesystem::path& root, const std::string& folder, const std::string& name,
                               bool needed) {
  auto text = read_in_root(root, folder + "/" + name, kMaxIndex);
  if (!text && text.error().code == ErrorCode::kMissing && !needed) return std::string();
  return text;
}

Result<std::string> read_module(const std::filesystem::path& root, const std::string& path) {
  std::string content = REBURST_TRY(read_in_root(root, path, kMaxModule));
  if (path.ends_with(".ko")) return content;
  return decompress(content, "/" + path, kMaxModule);
}

}  // namespace

std::string plain_module_name(std::string_view name) {
  std::string plain(name);
  std::ranges::replace(plain, '-', '_');
  return plain;
}

std::string module_name(std::string_view file) {
  if (const std::size_t slash = file.rfind('/'); slash != std::string_view::npos) file.remove_prefix(slash + 1);
  const std::size_t suffix = file.find(".ko");
  return suffix == std::string_view::npos ? std::string() : plain_module_name(file.substr(0, suffix));
}

Result<ModuleIndex> parse_modules(std::string_view dep, std::string_view builtin, std::string_view softdep) {
  ModuleIndex index;
  REBURST_TRY(parse_dependencies(dep, index));
  REBURST_TRY(check_dependencies(index));
  for (const std::string_view line : split(builtin, '\n')) {
    if (!trim(line).empty()) index.builtin.insert(module_name(trim(line)));
  }
  parse_soft(softdep, index);
  return index;
}

Result<std::vector<std::string>> load_order(const ModuleIndex& index, const std::vector<std::string>& required,
                                            const std::vector<std::string>& optional) {
  Order order(index);
  for (const std::string& name : required) {
    if (!index.modules.contains(name) && !index.builtin.contains(name)) {
      return fail(ErrorCode::kMissing, "the kernel has no module \"" + name + "\", which an image needs to boot",
                  "choose another kernel package, such as linux-image-cloud-amd64 or linux-image-amd64");
    }
  }
  for (const std::string& name : required) order.place(name);
  for (const std::string& name : optional) order.place(name);
  return order.take();
}

Result<std::vector<BootModule>> boot_modules(const std::filesystem::path& root, const std::string& release,
                                             bool with_state) {
  const std::string folder = "lib/modules/" + release;
  const std::string dep = REBURST_TRY(read_index(root, folder, "modules.dep", true));
  const std::string builtin = REBURST_TRY(read_index(root, folder, "modules.builtin", false));
  const std::string softdep = REBURST_TRY(read_index(root, folder, "modules.softdep", false));
  const std::string aliases = REBURST_TRY(read_index(root, folder, "modules.alias", false));
  ModuleIndex index = REBURST_TRY(parse_modules(dep, builtin, softdep));
  for (const std::string_view host : kScsiHosts) index.soft[std::string(host)].emplace_back("sd_mod");
  std::vector<std::string> optional = optional_modules();
  if (with_state) optional.insert(optional.end(), state_modules().begin(), state_modules().end());
  optional.insert(optional.end(), disk_drivers().begin(), disk_drivers().end());
  const std::vector<std::string> order = REBURST_TRY(load_order(index, required_modules(), optional));
  const DevicePatterns devices = choose_devices(index, order, disk_drivers(), parse_device_patterns(aliases));
  std::vector<BootModule> modules;
  for (const std::string& name : order) {
    const std::string& file = index.modules.at(name).file;
    const std::string base = file.substr(file.rfind('/') + 1);
    BootModule module{base.substr(0, base.find(".ko")), REBURST_TRY(read_module(root, folder + "/" + file))};
    if (const auto of = devices.find(name); of != devices.end()) {
      for (const std::string& pattern : of->second) module.devices += pattern + "\n";
    }
    modules.push_back(std::move(module));
  }
  return modules;
}

}  // namespace reburst::image
