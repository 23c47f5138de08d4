#include "registry/repository/key_roots.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>

#include "core/file.hpp"
#include "registry/client/trust.hpp"

namespace reburst::registry {

namespace {

std::string name_of(std::uint64_t version) {
  return version == 1 ? "root.json" : std::to_string(version) + ".root.json";
}

Result<> check_signed(const tuf::Signed<tuf::Root>& root, const tuf::Root& by, const std::string& name) {
  return tuf::check_threshold(root.signed_bytes, root.signatures, by.roles.at("root"), by.keys, name);
}

// The version that follows `before`, or the first.
Result<tuf::Root> check_next(const std::string& text, const tuf::Root* before, const std::string& name) {
  auto root = REBURST_TRY(tuf::parse<tuf::Root>(text, name));
  REBURST_TRY(check_signed(root, root.body, name));
  if (before == nullptr) return std::move(root.body);
  REBURST_TRY(check_signed(root, *before, name));
  if (root.body.header.version == before->header.version + 1) return std::move(root.body);
  return fail(ErrorCode::kIntegrity, "\"" + name + "\" has the version " + std::to_string(root.body.header.version));
}

}  // namespace

Result<std::vector<std::string>> read_key_roots(const fs::path& keys) {
  std::vector<std::string> out;
  if (keys.empty()) return out;
  tuf::Root before;
  for (std::uint64_t version = 1;; ++version) {
    const auto file = keys / name_of(version);
    auto text = read_file(file, client::kMaxTopMetadata);
    if (!text && text.error().code == ErrorCode::kMissing) return out;
    if (!text) return fail(std::move(text).error());
    auto root = check_next(*text, version == 1 ? nullptr : &before, file.string());
    if (!root) {
      root.error().code = ErrorCode::kIntegrity;
      root.error().hint = "it is a copy of a root that the folder's registries show: restore it from metadata/ of one";
      return fail(std::move(root).error());
    }
    before = *std::move(root);
    if (version == 1 && before.header.version != 1) return out;  // somebody gave a newer one its name
    out.push_back(*std::move(text));
  }
}

Result<> write_key_roots(const fs::path& keys, const std::vector<std::string>& roots) {
  for (std::uint64_t version = 1; version <= roots.size(); ++version) {
    const auto file = keys / name_of(version);
    std::error_code ignored;
    if (!fs::exists(file, ignored)) REBURST_TRY(write_file_atomic(file, roots[version - 1]));
  }
  return {};
}

Fd lock_key_roots(const fs::path& keys) {
  Fd fd(::open(keys.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (fd.valid() && ::flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return {};
  }
  return fd;
}

bool begins_with(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  return all.size() >= some.size() && std::equal(some.begin(), some.end(), all.begin());
}

}  // namespace reburst::registry
