#include "registry/repository/openpgp.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/process.hpp"
#include "core/text.hpp"
#include "signing/sign/private_file.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxOutput = 1U << 20U;

constexpr const char* kTemporary = "/tmp";
constexpr const char* kPrefix = "reburst-openpgp";

// Locked as long as its owner lives; invalid when it is locked, gone, or not ours alone.
Fd lock_home(const fs::path& home, int operation) {
  Fd folder(::open(home.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat opened {
  }, named{};
  if (!folder.valid() || ::fstat(folder.get(), &opened) != 0) return {};
  if (opened.st_uid != ::geteuid() || (opened.st_mode & 0777) != 0700) return {};
  while (::flock(folder.get(), operation) != 0) {
    if (errno != EINTR) return {};
  }
  const bool same =
      ::lstat(home.c_str(), &named) == 0 && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
  return same ? std::move(folder) : Fd();
}

// A home folder for gpg that goes with its agent. Under /tmp: the agent's socket must have a short path.
class Gpg {
 public:
  static Result<Gpg> make(Epoch now) {
    sweep_openpgp();
    constexpr int kTries = 8;  // a sweep may take it for one whose owner is gone before it is locked
    for (int i = 0; i < kTries; ++i) {
      auto home = REBURST_TRY(TempDirectory::make(kTemporary, kPrefix));
      if (auto lock = lock_home(home.path(), LOCK_EX); lock.valid()) return Gpg(std::move(home), std::move(lock), now);
    }
    return fail(ErrorCode::kEnvironment, std::string("cannot keep a folder in \"") + kTemporary + "\"");
  }
  Gpg(const Gpg&) = delete;
  Gpg& operator=(const Gpg&) = delete;
  Gpg(Gpg&&) noexcept = default;
  Gpg& operator=(Gpg&&) = delete;
  ~Gpg() {
    if (home_.path().empty()) return;
    Command command;
    command.argv = {"gpgconf", "--homedir", home_.path().string(), "--kill", "all"};
    (void)reburst::run(command);  // an agent without its home ends by itself, a little later
  }

  [[nodiscard]] fs::path at(const std::string& name) const { return home_.path() / name; }

  Result<> run(std::vector<std::string> arguments, const std::string& what) const {
    Command command;
    command.argv = {"gpg", "--homedir", home_.path().string(), "--batch", "--yes", "--quiet", "--pinentry-mode",
                    "loopback", "--passphrase", "", "--faked-system-time", std::to_string(now_) + "!",
                    // A key that was made within this second may look a second younger than now.
                    "--ignore-time-conflict"};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.merge_output = true;
    command.timeout_seconds = 120;
    const auto exit = REBURST_TRY(reburst::run(command));
    if (exit.status == 0) return {};
    return fail(ErrorCode::kSignature, "cannot " + what + ": gpg failed\n" + indent(trim(exit.out), "  | "),
                "check the OpenPGP key of the key folder");
  }

 private:
  Gpg(TempDirectory home, Fd lock, Epoch now) : lock_(std::move(lock)), home_(std::move(home)), now_(now) {}
  Fd lock_;  // goes after the folder
  TempDirectory home_;
  Epoch now_;
};

}  // namespace

void sweep_openpgp() {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(kTemporary, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().starts_with(std::string(kPrefix) + "-")) found.push_back(at->path());
  }
  for (const auto& home : found) {
    const Fd lock = lock_home(home, LOCK_EX | LOCK_NB);
    if (lock.valid()) (void)remove_tree(home);  // what cannot be removed is found again
  }
}

std::optional<fs::path> find_openpgp_key(const signing::KeyFolder& keys) {
  const auto file = keys.path / "openpgp.key";
  std::error_code ignored;
  return fs::exists(file, ignored) ? std::optional(file) : std::nullopt;
}

Result<std::string> sign_openpgp(std::string_view text, const fs::path& key_file, Epoch now) {
  {
    const Fd key = REBURST_TRY(open_read(key_file));
    REBURST_TRY(signing::check_private(key.get(), "the OpenPGP key", key_file.string()));
  }
  const auto gpg = REBURST_TRY(Gpg::make(now));
  const auto input = gpg.at("input");
  const auto output = gpg.at("output");
  REBURST_TRY(write_file_atomic(input, text, 0600));
  REBURST_TRY(gpg.run({"--import", key_file.string()}, "read the key \"" + key_file.string() + "\""));
  REBURST_TRY(gpg.run({"--detach-sign", "--digest-algo", "SHA512", "--output", output.string(), input.string()},
                      "sign with \"" + key_file.string() + "\""));
  if (const auto good = verify_openpgp(input, output, key_file.string() + ".pub"); !good) {
    // gpg's own words: it has no status of its own for this, and speaks English without a locale.
    if (good.error().message.find("newer than the signature") != std::string::npos) {
      return fail(
          ErrorCode::kSignature,
          "cannot sign with \"" + key_file.string() + "\" at " + iso_time(now) + ": the key was made later than that",
          "set this machine's clock right");
    }
    return fail(ErrorCode::kSignature,
                "the signature by \"" + key_file.string() + "\" does not verify\n" + good.error().message,
                "the public key beside it is another key's");
  }
  return read_file(output, kMaxOutput);
}

std::optional<fs::path> find_openpgp_keyring(const signing::KeyFolder& keys) {
  const auto file = keys.path / "openpgp.key.pub";
  std::error_code ignored;
  return fs::exists(file, ignored) ? std::optional(file) : std::nullopt;
}

Result<> verify_openpgp(const fs::path& text_file, const fs::path& signature_file, const fs::path& keyring) {
  Command check;
  check.argv = {"gpgv", "--keyring", fs::absolute(keyring).string(), signature_file.string(), text_file.string()};
  check.merge_output = true;
  const auto exit = REBURST_TRY(run(check));
  if (exit.status == 0) return {};
  return fail(ErrorCode::kSignature, indent(trim(exit.out), "  | "));
}

Result<> create_openpgp_key(const fs::path& file, const std::string& user_id, Epoch now) {
  // A second ago: gpg lets a faked time that is the present one run on, and the key must not be younger than what it
  // signs.
  const auto gpg = REBURST_TRY(Gpg::make(now - 1));
  REBURST_TRY(gpg.run({"--quick-generate-key", user_id, "ed25519", "sign", "never"}, "make an OpenPGP key"));
  REBURST_TRY(gpg.run({"--output", gpg.at("secret").string(), "--export-secret-keys"}, "export the OpenPGP key"));
  REBURST_TRY(gpg.run({"--output", gpg.at("public").string(), "--export"}, "export the OpenPGP key"));
  REBURST_TRY(write_file_atomic(file, REBURST_TRY(read_file(gpg.at("secret"), kMaxOutput)), 0600));
  return write_file_atomic(file.string() + ".pub", REBURST_TRY(read_file(gpg.at("public"), kMaxOutput)));
}

}  // namespace reburst::registry
