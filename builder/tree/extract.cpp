#include "builder/tree/extract.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <unordered_set>
#include <utility>

#include "builder/tree/beneath.hpp"
#include "core/file.hpp"

namespace reburst::tree {
namespace {

class Extractor final : public Deb::Sink {
 public:
  Extractor(std::string package, Fd root, const Skip& skip)
      : package_(std::move(package)), root_(std::move(root)), skip_(skip) {}

  Result<> begin(const Entry& entry) override {
    skipped_too_much_ = skipped_too_much_ || skip_.needs_all(entry);
    skipping_ = skip_.skips(entry);
    if (skipping_) {
      skipped_.insert(entry.path);
      return {};
    }
    const auto [folder, name] = REBURST_TRY(place(entry.path, folder_));
    switch (entry.type) {
      case EntryType::kDirectory: return make_folder(folder, name, entry);
      case EntryType::kSymlink: return make_symlink(folder, name, entry);
      case EntryType::kHardLink: return make_hard_link(folder, name, entry);
      case EntryType::kFile: break;
    }
    file_.reset(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file_.valid()) return trouble(entry.path, errno);
    return {};
  }

  Result<> write(std::span<const std::byte> bytes) override {
    if (skipping_) return {};
    return write_all(file_.get(), bytes, "a file of \"" + package_ + "\"");
  }

  Result<> end(const Entry& entry) override {
    if (skipping_) return {};
    if (entry.type == EntryType::kFile) {
      const std::array<timespec, 2> times{timespec{entry.mtime, 0}, timespec{entry.mtime, 0}};
      // fchown first: it clears the setuid and setgid bits.
      if (::fchown(file_.get(), entry.uid, entry.gid) != 0 || ::fchmod(file_.get(), entry.mode) != 0 ||
          ::futimens(file_.get(), times.data()) != 0) {
        return trouble(entry.path, errno);
      }
      REBURST_TRY(close_checked(std::exchange(file_, Fd()), "\"/" + entry.path + "\" of \"" + package_ + "\""));
    }
    entries_.push_back(entry);
    return {};
  }

  [[nodiscard]] std::vector<Entry> take() { return std::move(entries_); }
  // What is to be kept is a link to what was skipped: its content went by.
  [[nodiscard]] bool skipped_too_much() const { return skipped_too_much_; }

 private:
  // The last folder used: archives list a folder's files together.
  struct OpenFolder {
    std::string path;
    Fd fd;
  };

  Result<std::pair<int, std::string>> place(const std::string& path, OpenFolder& cached) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? std::string() : path.substr(0, slash);
    if (!cached.fd.valid() || cached.path != folder) {
      cached.fd.reset(open_folder(folder));
      if (!cached.fd.valid() && errno == ENOENT && &cached == &folder_) {
        REBURST_TRY(make_parents(folder));
        cached.fd.reset(open_folder(folder));
      }
      if (!cached.fd.valid()) return lost(path, errno);
      cached.path = folder;
    }
    return std::pair(cached.fd.get(), slash == std::string::npos ? path : path.substr(slash + 1));
  }

  int open_folder(const std::string& folder) const {
    return open_beneath(root_.get(), folder.c_str(), O_PATH | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS);
  }

  // Packages made by hand may leave their folders out.
  Result<> make_parents(const std::string& folder) const {
    for (std::size_t end = folder.find('/');; end = folder.find('/', end + 1)) {
      const std::string prefix = folder.substr(0, end);
      const auto slash = prefix.rfind('/');
      const Fd parent(open_folder(slash == std::string::npos ? std::string() : prefix.substr(0, slash)));
      if (!parent.valid()) return lost(folder, errno);
      const std::string name = slash == std::string::npos ? prefix : prefix.substr(slash + 1);
      if (::mkdirat(parent.get(), name.c_str(), 0700) != 0 && errno != EEXIST) return lost(folder, errno);
      if (end == std::string::npos) return {};
    }
  }

  Result<> make_folder(int folder, const std::string& name, const Entry& entry) {
    if (::mkdirat(folder, name.c_str(), 0700) != 0) {
      struct stat info {};
      if (errno != EEXIST || ::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
          !S_ISDIR(info.st_mode)) {
        return trouble(entry.path, errno);
      }
    }
    return {};
  }

  Result<> make_symlink(int folder, const std::string& name, const Entry& entry) {
    const std::array<timespec, 2> times{timespec{entry.mtime, 0}, timespec{entry.mtime, 0}};
    if (::symlinkat(entry.target.c_str(), folder, name.c_str()) != 0 ||
        ::fchownat(folder, name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0 ||
        ::utimensat(folder, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) != 0) {
      return trouble(entry.path, errno);
    }
    return {};
  }

  Result<> make_hard_link(int folder, const std::string& name, const Entry& entry) {
    skipped_too_much_ = skipped_too_much_ || skipped_.contains(entry.target);
    const auto [from, from_name] = REBURST_TRY(place(entry.target, link_folder_));
    struct stat info {};
    if (::fstatat(from, from_name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(info.st_mode))
      return lost(entry.path, ENOENT);
    if (::linkat(from, from_name.c_str(), folder, name.c_str(), 0) != 0) return trouble(entry.path, errno);
    return {};
  }

  // A folder or link target that is not (or not only) the package's own.
  tl::unexpected<Error> lost(const std::string& path, int number) const {
    if (number == ENOENT || number == ELOOP || number == ENOTDIR) {
      return fail(ErrorCode::kPackage,
                  "cannot unpack \"" + package_ + "\": \"/" + path + "\" " +
                      (number == ENOENT ? "refers to something that the package does not hold before it"
                                        : "lies below a link or a file of the same package"),
                  std::string(kBrokenPackageHint));
    }
    return fail(system_error("cannot unpack \"/" + path + "\" of \"" + package_ + "\"", number));
  }

  tl::unexpected<Error> trouble(const std::string& path, int number) const {
    if (number == EEXIST) {
      return fail(ErrorCode::kPackage, "cannot unpack \"" + package_ + "\": it holds \"/" + path + "\" twice",
                  std::string(kBrokenPackageHint));
    }
    return lost(path, number);
  }

  std::string package_;
  Fd root_;
  const Skip& skip_;
  std::unordered_set<std::string> skipped_;
  bool skipping_ = false, skipped_too_much_ = false;
  OpenFolder folder_, link_folder_;
  Fd file_;
  std::vector<Entry> entries_;
};

Result<Fd> make_empty(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0)
    return fail(system_error("cannot make the folder \"" + folder.string() + "\"", errno));
  Fd root(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return fail(system_error("cannot open the folder \"" + folder.string() + "\"", errno));
  return root;
}

}  // namespace

Result<std::vector<Entry>> extract(const Deb& deb, const std::filesystem::path& folder, const Skip& skip) {
  Extractor extractor(deb.name(), REBURST_TRY(make_empty(folder)), skip);
  const auto read = deb.read_data(extractor);
  if (extractor.skipped_too_much()) {
    REBURST_TRY(remove_tree(folder));
    return extract(deb, folder, Skip());
  }
  REBURST_TRY(read);
  return extractor.take();
}

}  // namespace reburst::tree
