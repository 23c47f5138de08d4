#pragma once

#include <unistd.h>

#include <memory>
#include <utility>

namespace reburst {

// Sole owner of a C resource: `using Archive = Handle<archive, &archive_read_free>;`
template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* resource) const {
    (void)Free(resource);
  }
};
template <class T, auto Free>
using Handle = std::unique_ptr<T, FreeWith<Free>>;

// Sole owner of a file descriptor; -1 means none. Closing ignores errors: writers call close_checked() in
// core/file.hpp.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace reburst
