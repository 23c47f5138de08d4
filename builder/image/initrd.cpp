#include "builder/image/initrd.hpp"

#include "builder/image/cpio.hpp"

namespace reburst::image {

namespace {

// As many digits for all, at least two: names sort in loading order.
std::string number_text(std::size_t number, std::size_t count) {
  std::string text = std::to_string(number);
  const std::size_t width = count > 99 ? 3 : 2;
  return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::string boot_conf(const BootConfiguration& configuration) {
  const Verity& verity = configuration.verity;
  std::string text = "reburst-boot 3\n";
  const auto line = [&](std::string_view key, const std::string& value) {
    text.append(key).append(" ").append(value).append("\n");
  };
  line("role", configuration.role);
  line("version", configuration.version);
  line("root_hash", verity.root_hash.hex());
  line("salt", "-");
  line("data_partuuid", configuration.data_partition.text());
  line("hash_partuuid", configuration.hash_partition.text());
  line("data_blocks", std::to_string(verity.data_blocks));
  line("hash_start", std::to_string(verity.hash_start));
  line("hash_blocks", std::to_string(verity.hash_blocks));
  line("secure_boot", configuration.boot.secure_boot);
  line("scan", configuration.boot.scan ? "on" : "off");
  line("ticket", configuration.boot.ticket);
  line("epoch", std::to_string(configuration.epoch));
  line("trust_root", configuration.trust_root ? configuration.trust_root->hex() : "-");
  line("command_line", configuration.command_line);
  for (const recipe::StateVolume& volume : configuration.state) line("state", volume.volume + " " + volume.mount);
  line("on_failure", configuration.boot.on_failure);
  return text;
}

std::string make_initrd(std::span<const std::byte> init, const std::string& boot_conf, const std::string& trust_root,
                        const std::vector<BootModule>& modules, Epoch epoch) {
  std::vector<CpioEntry> entries;
  for (const char* folder : {"dev", "modules", "proc", "run", "sys", "sysroot"}) entries.push_back({folder, 0040755});
  entries.push_back({"boot.conf", 0100644, boot_conf});
  entries.push_back({"init", 0100755, text_of(init)});
  if (!trust_root.empty()) entries.push_back({"root.json", 0100644, trust_root});
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const std::string path = "modules/" + number_text(i + 1, modules.size()) + "-" + modules[i].name;
    entries.push_back({path + ".ko", 0100644, modules[i].content});
    if (!modules[i].devices.empty()) entries.push_back({path + ".devices", 0100644, modules[i].devices});
  }
  return write_cpio(entries, epoch);
}

}  // namespace reburst::image
