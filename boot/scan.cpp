#include "boot/scan.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>

#include "boot/boot_conf.hpp"
#include "boot/console.hpp"
#include "boot/files.hpp"

namespace reburst::boot {

namespace {

constexpr std::uint64_t kPiece = 1U << 20U;
constexpr unsigned kMostReaders = 16;
constexpr std::uint64_t kNowhere = UINT64_MAX;
constexpr std::uint64_t kQuietMicroseconds = 1'000'000;

// What the readers share with their parent. The pieces are taken one by one, so a slow reader holds nobody up.
struct Shared {
  std::atomic<std::uint64_t> next{0}, done{0};
  // The first byte of the first block that cannot be read, and in the bits that such an offset leaves free the errno.
  std::atomic<std::uint64_t> failure{kNowhere};
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// 0, or the errno; a device that ends early is ENODATA, which no read gives.
int read_whole(int fd, std::uint64_t offset, std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0 ? ENODATA : errno;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return 0;
}

void lower(std::atomic<std::uint64_t>& least, std::uint64_t to) {
  std::uint64_t before = least;
  while (to < before && !least.compare_exchange_weak(before, to)) {
  }
}

// Block by block: the first that cannot be read, if there is one still.
bool find_failure(int fd, std::uint64_t offset, std::span<std::uint8_t> bytes, Shared& shared) {
  for (std::uint64_t at = 0; at < bytes.size(); at += kBlockSize) {
    const auto block = bytes.subspan(at, std::min<std::uint64_t>(kBlockSize, bytes.size() - at));
    const int error = read_whole(fd, offset + at, block);
    if (error == 0) continue;
    lower(shared.failure, (offset + at) | static_cast<std::uint64_t>(error));
    return true;
  }
  return false;
}

// A reader's life; returns its exit status. Pieces are given out in order, so when nobody takes one behind a failure,
// all before it are read to their end: which block is named does not depend on who was faster.
int read_pieces(const char* device, std::uint64_t size, Shared& shared) {
  const Fd fd(::open(device, O_RDONLY | O_DIRECT | O_CLOEXEC));
  void* const memory = ::mmap(nullptr, kPiece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (!fd.valid() || memory == MAP_FAILED) return errno;
  for (;;) {
    const std::uint64_t offset = shared.next.fetch_add(kPiece);
    if (offset >= size || offset > shared.failure) return 0;
    const std::span bytes(static_cast<std::uint8_t*>(memory), std::min(kPiece, size - offset));
    if (read_whole(fd.get(), offset, bytes) != 0 && find_failure(fd.get(), offset, bytes, shared)) return 0;
    shared.done += bytes.size();
  }
}

struct Readers {
  std::array<pid_t, kMostReaders> pids{};
  unsigned count = 0;
};

// The readers hold `ends`; when all of them have ended, so has the pipe.
void watch(int ends, const Shared& shared, std::uint64_t size, std::uint64_t started) {
  std::uint64_t said = 0;
  pollfd pipe{ends, POLLIN, 0};
  while (::poll(&pipe, 1, 100) <= 0) {
    const std::uint64_t tenths = shared.done * 10 / size;
    if (now_microseconds() - started < kQuietMicroseconds || tenths <= said) continue;
    said = tenths;
    Text<64> line("scanning the root: ");
    say(line.add_number(tenths * 10).add(" %"));
  }
}

// 0, or how the first reader that did not end well ended.
int wait_for(const Readers& readers) {
  int worst = 0;
  for (unsigned i = 0; i < readers.count; ++i) {
    int status = 0;
    while (::waitpid(readers.pids[i], &status, 0) < 0 && errno == EINTR) {
    }
    if (worst == 0) worst = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
  }
  return worst;
}

Result<Readers> start_readers(const char* device, std::uint64_t size, unsigned count, Shared& shared) {
  Readers readers;
  while (readers.count < std::min(count, kMostReaders)) {
    const pid_t child = ::fork();
    if (child < 0) return fail_system("starting a reader of", device, errno);
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::_exit(read_pieces(device, size, shared));
    }
    readers.pids[readers.count++] = child;
  }
  return readers;
}

tl::unexpected<Failure> not_read(std::string_view name, std::uint64_t where, bool is_corrupt) {
  const auto error = static_cast<int>(where % kBlockSize);
  Failure failure;
  failure.what.add("reading all of the root, ").add(name);
  failure.found.add("at byte ").add_number(where - where % kBlockSize).add(": ");
  if (is_corrupt) {
    failure.expected.add("every block as the root hash says");
    failure.found.add("other bytes, there or in the hash tree above");
    failure.advice.add("write the release's disk image again; \"reburst verify DISK\" says what differs");
    return fail(failure);
  }
  const char* reason = ::strerrorname_np(error);
  failure.expected.add("every block readable");
  failure.found.add(error == ENODATA ? "the end of the device" : reason != nullptr ? reason : "an unknown error");
  failure.advice.add("the disk or the way to it fails: write the release's disk image to another disk");
  return fail(failure);
}

}  // namespace

unsigned count_readers() {
  cpu_set_t processors;
  CPU_ZERO(&processors);
  if (::sched_getaffinity(0, sizeof processors, &processors) != 0) return 1;
  return std::clamp(static_cast<unsigned>(CPU_COUNT(&processors)), 1U, kMostReaders);
}

Result<Scan> scan_device(const char* device, std::string_view name, std::uint64_t size, unsigned readers,
                         bool (*is_corrupt)()) {
  const std::uint64_t started = now_microseconds();
  std::array<int, 2> ends{};
  void* const memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || ::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_system("scanning", name, errno);
  Shared& shared = *new (memory) Shared;
  const Fd watched(ends[0]);
  Fd held(ends[1]);
  const Readers started_readers = REBURST_BOOT_TRY(start_readers(device, size, readers, shared));
  held.reset();
  watch(watched.get(), shared, size, started);
  const int status = wait_for(started_readers);
  if (shared.failure != kNowhere) return not_read(name, shared.failure, is_corrupt());
  if (status != 0) return fail_system("reading all of the root,", name, status);
  // What no reader claims to have read, nobody has verified.
  if (shared.done != size) return fail_system("reading all of the root,", name, ENODATA);
  const Scan scan{size, now_microseconds() - started};
  ::munmap(memory, sizeof(Shared));
  return scan;
}

}  // namespace reburst::boot
