#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "builder/tree/control.hpp"
#include "core/handle.hpp"
#include "core/result.hpp"

namespace reburst::tree {

enum class EntryType { kDirectory, kFile, kSymlink, kHardLink };

// One member of a package's data archive. `path` is relative, without "./", never empty, without "." or "..".
struct Entry {
  std::string path;
  EntryType type = EntryType::kFile;
  mode_t mode = 0;  // permission bits with setuid, setgid and sticky
  uid_t uid = 0;
  gid_t gid = 0;
  std::int64_t mtime = 0;
  std::uint64_t size = 0;
  std::string target;  // symlink: as written; hard link: a `path`
};

// "./usr/bin/x" -> "usr/bin/x", the root itself -> ""; or what is wrong with it, to be said after the name.
[[nodiscard]] tl::expected<std::string, std::string_view> clean_path(const char* raw);

// What to do about a package that is refused.
inline constexpr std::string_view kBrokenPackageHint =
    "tell whoever made the package; until it is mended, take another version of it or exclude it";

// How much a package may hold before it is refused (kPackage).
struct DebLimits {
  std::uint64_t control_bytes = 64U << 20U;
  std::uint64_t file_bytes = 8ULL << 30U;
  std::uint64_t total_bytes = 16ULL << 30U;
  std::size_t entries = 2'000'000;
};

// A binary package (deb(5)): an ar archive of debian-binary, control.tar[.gz|.xz|.zst],
// data.tar[.gz|.xz|.zst|.bz2|.lzma]. Whatever is wrong with it is kPackage and names `name`.
class Deb {
 public:
  // Reads the members' headers and the whole control archive. Without a `name` messages have the file's: a blob of the
  // cache needs one.
  [[nodiscard]] static Result<Deb> open(const std::filesystem::path& file, const DebLimits& limits = {},
                                        std::string name = {});

  [[nodiscard]] const Stanza& control() const { return control_; }
  // Every other file of the control archive by name: maintainer scripts, md5sums, conffiles, triggers …
  [[nodiscard]] const std::map<std::string, std::string>& control_files() const { return control_files_; }
  [[nodiscard]] const std::string& name() const { return name_; }  // quoted in errors
  [[nodiscard]] std::uint64_t data_size() const { return data_.size; }

  // Where read_data() puts what it finds. Content arrives in pieces after begin() of a kFile, in order, without holes.
  class Sink {
   public:
    Sink() = default;
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    Sink(Sink&&) = delete;
    Sink& operator=(Sink&&) = delete;
    virtual ~Sink() = default;
    [[nodiscard]] virtual Result<> begin(const Entry& entry) = 0;
    [[nodiscard]] virtual Result<> write(std::span<const std::byte> bytes) = 0;
    [[nodiscard]] virtual Result<> end(const Entry& entry) = 0;
  };
  // Streams the data archive in its order.
  [[nodiscard]] Result<> read_data(Sink& sink) const;

 private:
  struct Member {
    std::string name;
    std::uint64_t offset = 0, size = 0;
  };
  Deb() = default;
  [[nodiscard]] Result<> read_members(std::uint64_t file_size);
  [[nodiscard]] Result<> read_control(const Member& member);
  [[nodiscard]] tl::unexpected<Error> refuse(const std::string& why) const;

  friend class TarReader;
  std::string name_;
  Fd fd_;
  DebLimits limits_;
  Member control_member_, data_;
  Stanza control_;
  std::map<std::string, std::string> control_files_;
};

}  // namespace reburst::tree
