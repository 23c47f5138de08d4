#include "boot/console.hpp"

#include <fcntl.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "boot/files.hpp"

namespace reburst::boot {

namespace {

bool put_on(std::string_view terminal, std::string_view text) {
  Path path("/dev/");
  const Fd console(::open(path.add(terminal).c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  return console.valid() && write_all(console.get(), text);
}

// On every console of the kernel, such as "tty0 ttyS0": a screen is no less likely to be looked at than a serial line,
// and /dev/console is only one of them.
void put_on_consoles(std::string_view text) {
  std::array<char, 256> buffer;
  const auto active = read_small("/sys/class/tty/console/active", buffer);
  std::string_view rest = active ? *active : std::string_view();
  bool shown = false;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(" \n"), rest.size());
    if (end > 0) shown = put_on({rest.data(), end}, text) || shown;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!shown) (void)put_on("console", text);  // nobody is left to tell
}

void put(std::string_view console_text, std::string_view log_text) {
  put_on_consoles(console_text);
  // Priority 7 keeps the kernel from showing on the console what is there already.
  if (const Fd log(::open("/dev/kmsg", O_WRONLY | O_CLOEXEC)); log.valid()) {
    Text<960> record("<7>");  // the kernel refuses records of 1024 bytes
    record.add(log_text);
    (void)write_all(log.get(), record);
  }
}

}  // namespace

void say(std::string_view text) {
  Text<512> line("reburst: ");
  line.add(text);
  Text<512> with_newline(line);
  put(with_newline.add('\n'), line);
}

Frame frame_of(const Failure& failure, const BootConf& conf) {
  Frame frame("\n==== reburst: boot refused ====\n");
  frame.add("  while     ").add(failure.what);
  frame.add("\n  expected  ").add(failure.expected);
  frame.add("\n  found     ").add(failure.found);
  if (!conf.version.empty()) {
    frame.add("\n  release   ").add(conf.role).add(' ').add(conf.version).add("\n            ").add_hex(conf.root_hash);
  }
  frame.add("\n  do        ").add(failure.advice);
  frame.add("\n  next      ").add(conf.on_failure == OnFailure::kReboot ? "reboot" : "power off").add(" in 5 s");
  frame.add("\n==== reburst ====\n");
  return frame;
}

void refuse(const Failure& failure, const BootConf& conf) {
  const Frame frame = frame_of(failure, conf);
  put(frame, frame);
  pause_milliseconds(5000);
  ::reboot(conf.on_failure == OnFailure::kReboot ? RB_AUTOBOOT : RB_POWER_OFF);
  for (;;) ::pause();  // a kernel that cannot power off
}

}  // namespace reburst::boot
