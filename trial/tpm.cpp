#include "trial/tpm.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/file.hpp"
#include "core/process.hpp"

namespace reburst::trial {

namespace {

constexpr int kPatience = 5000;  // milliseconds for an answer
constexpr std::size_t kMaxAnswer = 4096;

// Numbers are big-endian: "CMD_SET_DATAFD" of swtpm's tpm_ioctl.h.
constexpr std::string_view kSetData("\x00\x00\x00\x10", 4);
constexpr std::string_view kDone("\x00\x00\x00\x00", 4);
// A selection: one bank, SHA-256, 3 bytes of bits for PCR 4, 7 and 11.
constexpr std::string_view kSelection("\x00\x00\x00\x01\x00\x0b\x03\x90\x08\x00", 10);
constexpr std::array<unsigned, 3> kRegisters = {4, 7, 11};
// TPM_ST_NO_SESSIONS, 20 bytes, TPM_CC_PCR_Read; the selection follows.
constexpr std::string_view kRead("\x80\x01\x00\x00\x00\x14\x00\x00\x01\x7e", 10);

tl::unexpected<Error> silent(const std::string& what) {
  return fail(ErrorCode::kTest, "cannot read the TPM's registers: " + what, "see the console; try again");
}

// One answer, or nothing within the patience. QEMU left the socket non-blocking.
std::string receive(int fd) {
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  std::string out(kMaxAnswer, '\0');
  if (::poll(&waiting, 1, kPatience) != 1) return "";
  const ssize_t got = ::recv(fd, out.data(), out.size(), MSG_DONTWAIT);
  out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return out;
}

// What QEMU asked and did not wait for.
void drain(int fd) {
  std::array<char, 256> buffer{};
  while (::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
  }
}

// Sends `text` with a descriptor beside it (unix(7), SCM_RIGHTS).
bool send_with(int fd, std::string_view text, int passed) {
  iovec content{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  msghdr message{};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &passed, sizeof passed);
  return ::sendmsg(fd, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

struct Pair {
  Fd ours, theirs;
};
Result<Pair> make_pair_of_sockets() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(system_error("cannot make a socket", errno));
  return Pair{Fd(ends[0]), Fd(ends[1])};
}

}  // namespace

bool Tpm::available() {
  return find_program("swtpm").has_value();
}

Result<Tpm> Tpm::start(const std::filesystem::path& folder) {
  if (!available()) {
    return fail(ErrorCode::kEnvironment, "cannot give the machine a TPM: \"swtpm\" is not installed",
                "install the package swtpm, or boot without --tpm");
  }
  REBURST_TRY(make_directories(folder));
  auto [ours, theirs] = REBURST_TRY(make_pair_of_sockets());
  auto process =
      REBURST_TRY(Machine::start({"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + folder.string(), "--ctrl",
                                  "type=unixio,clientfd=" + std::to_string(theirs.get()), "--flags", "startup-clear"},
                                 folder, {theirs.get()}));
  return Tpm(std::move(ours), std::move(process));
}

Result<Registers> Tpm::read() {
  auto [ours, theirs] = REBURST_TRY(make_pair_of_sockets());
  drain(control_.get());
  if (!send_with(control_.get(), kSetData, theirs.get()) || receive(control_.get()) != kDone)
    return silent("swtpm takes no new connection");
  theirs.reset();
  const std::string command = std::string(kRead) + std::string(kSelection);
  if (::send(ours.get(), command.data(), command.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(command.size()))
    return silent("swtpm does not listen");
  auto registers = parse_registers(receive(ours.get()));
  if (!registers) return silent("swtpm does not answer as a TPM 2.0 does");
  return *std::move(registers);
}

std::optional<Registers> parse_registers(std::string_view answer) {
  // Tag, size, success; how often registers changed; the same selection; three digests of 32 bytes.
  constexpr std::string_view kHead("\x80\x01\x00\x00\x00\x82\x00\x00\x00\x00", 10);
  constexpr std::string_view kCount("\x00\x00\x00\x03", 4), kSize("\x00\x20", 2);
  constexpr std::size_t kCounter = 4, kDigest = 32;
  if (answer.size() != 130 || !answer.starts_with(kHead)) return std::nullopt;
  answer.remove_prefix(kHead.size() + kCounter);
  if (!answer.starts_with(std::string(kSelection) + std::string(kCount))) return std::nullopt;
  answer.remove_prefix(kSelection.size() + kCount.size());
  Registers out;
  for (const unsigned number : kRegisters) {
    if (!answer.starts_with(kSize)) return std::nullopt;
    std::copy_n(answer.begin() + kSize.size(), kDigest, out[number].bytes.begin());
    answer.remove_prefix(kSize.size() + kDigest);
  }
  return out;
}

}  // namespace reburst::trial
