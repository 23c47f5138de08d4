#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "boot/console.hpp"
#include "boot/devices.hpp"
#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

namespace {

constexpr const char* kFolder = "/modules";
using Name = Text<128>;

struct Names {
  std::array<Name, 256> all;
  std::array<bool, 256> left_out{};
  std::size_t count = 0;
  bool some_absent = false;
};
// 32 KiB, too much for a stack that nobody sized.
Names& names() {
  static Names all;
  return all;
}

Result<> list_modules(Names& names) {
  DIR* folder = ::opendir(kFolder);
  if (folder == nullptr && errno == ENOENT) return {};  // a kernel with everything built in
  if (folder == nullptr) return fail_system("listing", kFolder, errno);
  bool fits = true;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string_view name(entry->d_name);
    if (!name.ends_with(".ko")) continue;
    fits = fits && names.count < names.all.size() && name.size() < 127;
    if (fits) names.all[names.count++] = Name(name);
  }
  ::closedir(folder);
  if (!fits) return fail_system("listing", kFolder, E2BIG);
  std::sort(names.all.begin(), names.all.begin() + static_cast<std::ptrdiff_t>(names.count),
            [](const Name& a, const Name& b) { return a.view() < b.view(); });
  return {};
}

// Tells whether the machine has no device for it. Such a module does not stay loaded, so those that need it fail with
// ENOENT.
bool load(const Name& name, bool some_absent) {
  Path path(kFolder);
  path.add('/').add(name);
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.valid() && ::syscall(SYS_finit_module, file.get(), "", 0) == 0) return false;
  if (file.valid() && errno == ENODEV) return true;
  if (file.valid() && (errno == EEXIST || (errno == ENOENT && some_absent))) return false;
  const char* reason = ::strerrorname_np(errno);
  Text<256> line("warning: cannot load the module ");
  say(line.add(name).add(": ").add(reason != nullptr ? reason : "unknown error"));
  return false;
}

// Whether the machine shows none of the devices that the module is for.
bool is_for_others(const Name& name, Devices& devices) {
  static std::array<char, 1U << 16U> buffer;
  Path path(kFolder);
  path.add('/').add(name.view().substr(0, name.view().size() - std::string_view(".ko").size())).add(".devices");
  const auto patterns = read_small(path.c_str(), buffer);
  return patterns && !devices.has_any_of(*patterns);
}

}  // namespace

Result<> load_modules() {
  Names& modules = names();
  REBURST_BOOT_TRY(list_modules(modules));
  static Devices devices;
  for (std::size_t i = 0; i < modules.count; ++i) {
    modules.left_out[i] = is_for_others(modules.all[i], devices);
    if (modules.left_out[i]) continue;
    modules.some_absent = load(modules.all[i], modules.some_absent) || modules.some_absent;
    devices.forget();  // a driver of a bus brings more
  }
  return {};
}

void load_remaining_modules() {
  Names& modules = names();
  if (std::ranges::find(modules.left_out, true) != modules.left_out.end()) {
    say("waiting for its disk, now with the drivers of every disk");
  }
  for (std::size_t i = 0; i < modules.count; ++i) {
    if (!std::exchange(modules.left_out[i], false)) continue;
    modules.some_absent = load(modules.all[i], modules.some_absent) || modules.some_absent;
  }
}

}  // namespace reburst::boot
