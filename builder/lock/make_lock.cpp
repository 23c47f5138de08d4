#include "builder/lock/make_lock.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "fetch/uri.hpp"

namespace reburst::lock {

namespace {

// What a resolved and a locked package say alike.
template <class To, class From>
To copy_facts(const From& package) {
  To out;
  out.name = package.name;
  out.version = package.version;
  out.architecture = package.architecture;
  out.path = package.path;
  out.size = package.size;
  out.sha256 = package.sha256;
  out.priority = package.priority;
  out.source = package.source;
  out.essential = package.essential;
  out.requested = package.requested;
  out.reason = package.reason;
  return out;
}

LockedPackage lock_package(const resolve::Package& package, const source::Archive& archive, bool build_only) {
  auto out = copy_facts<LockedPackage>(package);
  out.build_only = build_only;
  if (package.index >= archive.indexes.size()) {
    out.origin = kLocalOrigin;
    return out;
  }
  const auto& index = archive.indexes[package.index];
  const auto& release = archive.releases[index.release];
  out.origin = release.origin;
  out.suite = source::lasting_name(release);
  out.component = index.component;
  return out;
}

bool same_identity(const LockedPackage& a, const LockedPackage& b) {
  return a.name == b.name && a.architecture == b.architecture;
}

Result<> add_build_only(std::vector<LockedPackage>& packages, const LockedPackage& extra) {
  const auto found =
      std::find_if(packages.begin(), packages.end(), [&](const auto& one) { return same_identity(one, extra); });
  if (found == packages.end()) {
    packages.push_back(extra);
    return {};
  }
  if (found->sha256 == extra.sha256) return {};
  return fail(ErrorCode::kLock,
              "the image holds \"" + extra.name + "\" " + found->version + " and the builder needs " + extra.version,
              "ask for the same version of it");
}

void add_release(Lock& lock, const source::Release& release) {
  lock.releases.push_back({release.origin, release.suite, release.codename, release.date, release.digest});
}

template <class T>
void sort_unique(std::vector<T>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

// "nginx-light" of "nginx-light Depends: nginx-common"; nothing of "Essential: yes".
std::string requirer(const std::string& reason) {
  const auto word = reason.substr(0, reason.find(' '));
  return word.ends_with(':') ? std::string() : word;
}

resolve::Package unlock_package(const LockedPackage& package) {
  auto out = copy_facts<resolve::Package>(package);
  out.index = std::numeric_limits<std::size_t>::max();
  out.required_by = requirer(package.reason);
  return out;
}

void add_uris(std::vector<std::string>& uris, const LockedPackage& package, const source::Archive& archive,
              bool same_index) {
  for (const auto& index : archive.indexes) {
    const auto& release = archive.releases[index.release];
    if (release.origin != package.origin) continue;
    const bool same = source::lasting_name(release) == package.suite && index.component == package.component;
    if (same_index && !same) continue;
    const auto uri = index.base_uri + "/" + fetch::escape_path(package.path);
    if (std::find(uris.begin(), uris.end(), uri) == uris.end()) uris.push_back(uri);
  }
}

}  // namespace

Result<Lock> make_lock(const LockInput& input, const source::Archive& archive, const resolve::Resolution& resolution,
                       const resolve::Resolution& build_only) {
  Lock lock;
  lock.role = input.role;
  lock.architecture = archive.architecture;
  lock.epoch = input.epoch ? *input.epoch : archive.newest_date();
  lock.recipe = input.recipe;
  for (const auto& release : archive.releases) add_release(lock, release);
  for (const auto& index : archive.indexes) {
    const auto& release = archive.releases[index.release];
    lock.indexes.push_back(
        {release.origin, source::lasting_name(release), index.component, index.architecture, index.size, index.digest});
  }
  for (const auto& package : resolution.packages) lock.packages.push_back(lock_package(package, archive, false));
  for (const auto& package : build_only.packages) {
    REBURST_TRY(add_build_only(lock.packages, lock_package(package, archive, true)));
  }
  // Mirrors of one repository give one entry each: the lock names what was read, not where.
  sort_unique(lock.releases);
  sort_unique(lock.indexes);
  std::sort(lock.packages.begin(), lock.packages.end(), [](const auto& a, const auto& b) {
    return std::tie(a.name, a.architecture) < std::tie(b.name, b.architecture);
  });
  // What an index says of its packages may be anything: a lock that no build takes is not written.
  if (lock.packages.empty()) return lock;
  if (const auto readable = parse(to_text(lock), lock.role + ".lock"); !readable) {
    return fail(ErrorCode::kIntegrity, "the archive's packages make no lock: " + readable.error().message,
                "tell the archive's maintainer, or exclude the package");
  }
  return lock;
}

resolve::Resolution image_packages(const Lock& lock) {
  resolve::Resolution out;
  for (const auto& package : lock.packages) {
    if (!package.build_only) out.packages.push_back(unlock_package(package));
  }
  return out;
}

std::vector<std::string> find_uris(const LockedPackage& package, const source::Archive& archive) {
  std::vector<std::string> uris;
  if (is_local(package)) return uris;
  add_uris(uris, package, archive, true);
  add_uris(uris, package, archive, false);
  return uris;
}

}  // namespace reburst::lock
