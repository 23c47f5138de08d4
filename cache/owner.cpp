#include "cache/owner.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string_view>
#include <vector>

#include "core/file.hpp"

namespace reburst::cache {

namespace {

constexpr std::string_view kOwner = "owner-";
constexpr std::size_t kIdLength = 6;  // mkostemp's

bool lock(int fd, int operation) {
  int result = 0;
  do {
    result = ::flock(fd, operation);
  } while (result != 0 && errno == EINTR);
  return result == 0;
}

Result<Fd> lock_gate(const fs::path& gate) {
  Fd file(::open(gate.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file.valid() || !lock(file.get(), LOCK_EX)) {
    return fail(system_error("cannot lock the cache's \"" + gate.string() + "\"", errno));
  }
  return file;
}

// The id in "owner-ID" or "ID.prefix-XXXXXX"; empty for a name of neither form.
std::string id_of(std::string_view name) {
  if (name.starts_with(kOwner)) name.remove_prefix(kOwner.size());
  if (name.size() < kIdLength || (name.size() > kIdLength && name[kIdLength] != '.')) return {};
  return std::string(name.substr(0, kIdLength));
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The locked owner file of `id` when its process is gone (made anew when it is missing), else none.
Fd take_over(const fs::path& tmp, const std::string& id) {
  const fs::path path = tmp / (std::string(kOwner) + id);
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!file.valid() || !lock(file.get(), LOCK_EX | LOCK_NB)) return {};
  return file;
}

}  // namespace

std::string entry_prefix(std::string_view owner, std::string_view prefix) {
  return std::string(owner) + "." + std::string(prefix);
}

Result<Owner> claim(const fs::path& tmp, const fs::path& gate) {
  const Fd held = REBURST_TRY(lock_gate(gate));
  std::string name = (tmp / (std::string(kOwner) + "XXXXXX")).string();
  Fd file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.valid() || !lock(file.get(), LOCK_EX)) {
    return fail(system_error("cannot claim a place in \"" + tmp.string() + "\"", errno));
  }
  return Owner{name.substr(name.size() - kIdLength), std::move(file)};
}

void sweep(const fs::path& tmp, const fs::path& gate) {
  std::vector<std::pair<std::string, Fd>> dead;
  std::vector<std::string> names;
  {
    // Only the taking over happens under the gate; removing big trees must not hold up other processes.
    const auto held = lock_gate(gate);
    if (!held) return;
    std::set<std::string> ids;
    names = names_in(tmp);
    for (const auto& name : names) ids.insert(id_of(name));
    ids.erase(std::string());
    for (const auto& id : ids) {
      if (Fd file = take_over(tmp, id); file.valid()) dead.emplace_back(id, std::move(file));
    }
  }
  for (const auto& [id, file] : dead) {
    bool all = true;
    for (const auto& name : names) {
      if (name.starts_with(id + ".")) all = remove_tree(tmp / name).has_value() && all;
    }
    // While entries are left, so is their owner file: the next sweep finds them again.
    if (all) (void)::unlink((tmp / (std::string(kOwner) + id)).c_str());
  }
}

}  // namespace reburst::cache
