#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "boot/console.hpp"
#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

namespace {

constexpr const char* kFolder = "/modules";
using Name = Text<128>;

struct Names {
  std::array<Name, 256> all;
  std::size_t count = 0;
};

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

}  // namespace

Result<> load_modules() {
  static Names names;  // 32 KiB, too much for a stack that nobody sized
  REBURST_BOOT_TRY(list_modules(names));
  bool some_absent = false;
  for (std::size_t i = 0; i < names.count; ++i) some_absent = load(names.all[i], some_absent) || some_absent;
  return {};
}

}  // namespace reburst::boot
