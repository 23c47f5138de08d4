#include "boot/console.hpp"

#include <fcntl.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "boot/files.hpp"

namespace reburst::boot {

namespace {

void put(std::string_view console_text, std::string_view log_text) {
  if (const Fd console(::open("/dev/console", O_WRONLY | O_CLOEXEC | O_NOCTTY)); console.valid()) {
    (void)write_all(console.get(), console_text);  // nobody is left to tell
  }
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
