// links: reburst_tree
// A .deb of any bytes gives packages' parts or an Error: no crash, no hang, no huge allocation.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "builder/tree/deb.hpp"

namespace {

using namespace reburst;

// Counts what it is given; unpacks nothing.
class CountingSink final : public tree::Deb::Sink {
 public:
  Result<> begin(const tree::Entry& entry) override {
    if (entry.path.empty() || entry.path.front() == '/' || ("/" + entry.path + "/").find("/../") != std::string::npos)
      __builtin_trap();
    expected_ = entry.size;
    return {};
  }
  Result<> write(std::span<const std::byte> bytes) override {
    if (bytes.size() > expected_) __builtin_trap();
    expected_ -= bytes.size();
    return {};
  }
  Result<> end(const tree::Entry& /*entry*/) override { return {}; }

 private:
  std::uint64_t expected_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int fd = ::memfd_create("deb", 0);
  if (fd < 0) return 0;
  if (::write(fd, data, size) == static_cast<ssize_t>(size)) {
    tree::DebLimits limits;
    limits.control_bytes = 1U << 20U;
    limits.file_bytes = 1U << 20U;
    limits.total_bytes = 4U << 20U;
    limits.entries = 10000;
    const auto deb = tree::Deb::open("/proc/self/fd/" + std::to_string(fd), limits);
    CountingSink sink;
    if (deb) (void)deb->read_data(sink);
  }
  ::close(fd);
  return 0;
}
