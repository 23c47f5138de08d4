#include "boot/ticket_source.hpp"

#include <fcntl.h>

#include <cerrno>

#include "boot/files.hpp"
#include "boot/parse.hpp"
#include "boot/steps.hpp"
#include "boot/ticket_file.hpp"

namespace reburst::boot {

namespace {

constexpr const char* kFirmwareFile = "/sys/firmware/qemu_fw_cfg/by_name/opt/org.reburst.ticket/raw";
constexpr std::string_view kLabel = "reburst-ticket";
constexpr std::uint64_t kWaitMicroseconds = 10'000'000;
constexpr long kPauseMilliseconds = 10;
// The kernel begins anew at the first byte for each page that is read of such a file, one byte at a time.
constexpr std::size_t kMaxFirmwareTicket = 512U << 10U;

}  // namespace

Result<std::string_view> read_ticket(const char* path, std::span<char> buffer) {
  const Fd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return fail_system("opening", path, errno);
  std::size_t size = 0;
  std::size_t wanted = kMaxTicketHead;  // then what the head tells
  bool head_read = false;
  for (;;) {
    const ssize_t got = size < wanted ? ::read(file.get(), buffer.data() + size, wanted - size) : 0;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_system("reading the release ticket of", path, errno);
    size += static_cast<std::size_t>(got);
    if (got > 0 && size < wanted) continue;
    if (head_read) return std::string_view(buffer.data(), size < wanted ? size : wanted);
    head_read = true;
    wanted = REBURST_BOOT_TRY(ticket_size({buffer.data(), size}));
    if (wanted > buffer.size()) {
      Failure failure;
      failure.what.add("reading the release ticket of \"").add(path).add('"');
      failure.expected.add("at most ").add_number(buffer.size()).add(" bytes");
      failure.found.add_number(wanted).add(" bytes");
      failure.advice.add("hand it over on a partition labelled \"").add(kLabel).add('"');
      return fail(failure);
    }
    if (size >= wanted) return std::string_view(buffer.data(), wanted);
  }
}

Result<std::string_view> ticket_from_firmware(std::span<char> buffer) {
  if (Fd(::open(kFirmwareFile, O_RDONLY | O_CLOEXEC)).valid()) {
    return read_ticket(kFirmwareFile, buffer.first(kMaxFirmwareTicket));
  }
  if (errno == ENOENT) return std::string_view();
  return fail_system("opening", kFirmwareFile, errno);
}

Result<std::string_view> ticket_from_disk(bool wait, std::span<char> buffer) {
  const std::uint64_t deadline = now_microseconds() + (wait ? kWaitMicroseconds : 0);
  Partition partition;
  unsigned count = find_labelled(kLabel, partition);
  while (count == 0 && now_microseconds() < deadline) {
    pause_milliseconds(kPauseMilliseconds);
    count = find_labelled(kLabel, partition);
  }
  if (count == 0) return std::string_view();
  if (count == 1) return read_ticket(partition.device.c_str(), buffer);
  Failure failure;
  failure.what.add("looking for the release ticket");
  failure.expected.add("at most one partition with PARTLABEL ").add(kLabel);
  failure.found.add_number(count);
  failure.advice.add("detach the disk that is not this machine's");
  return fail(failure);
}

}  // namespace reburst::boot
