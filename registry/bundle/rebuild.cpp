#include "registry/bundle/rebuild.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "core/file.hpp"
#include "registry/bundle/extract.hpp"
#include "registry/client/release.hpp"
#include "registry/oci/layout.hpp"
#include "registry/release/layout.hpp"

namespace reburst::bundle {

namespace {

constexpr std::uint64_t kMaxSums = 16U << 20U;

tl::unexpected<Error> refuse(const std::string& name, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot accept \"" + name + "\" of the bundle: " + why,
              "the bundle is damaged, or was made by somebody else: export it again");
}

class Rebuilding {
 public:
  Rebuilding(const fs::path& registry, const Wanted& wanted, const std::map<std::string, tuf::Targets>& delegated,
             std::size_t jobs, Progress& progress)
      : registry_(registry), wanted_(wanted), delegated_(delegated), jobs_(jobs), progress_(progress) {}

  Result<> run() {
    for (const auto& disk : wanted_.disks) REBURST_TRY(make_disk(disk));
    for (const auto& [path, first] : wanted_.links) REBURST_TRY(share_file(registry_ / first, registry_ / path));
    collect_targets();
    std::set<std::string> roles;
    for (const auto& name : wanted_.channels) {
      roles.insert(name.role);
      REBURST_TRY(make_images(name));
    }
    for (const auto& role : roles) REBURST_TRY(make_layout(role));
    return {};
  }

 private:
  Result<> make_disk(const Disk& disk) {
    const auto index = REBURST_TRY(read_index(registry_, wanted_, disk));
    const auto path = registry_ / disk.path;
    REBURST_TRY(make_directories(path.parent_path()));
    REBURST_TRY(
        chunks::assemble(index, path, {}, {}, chunks::from_folder(registry_ / "chunks", jobs_), jobs_, progress_));
    if (::chmod(path.c_str(), 0444) != 0)
      return fail(system_error("cannot set the mode of \"" + path.string() + "\"", errno));
    return {};
  }

  void collect_targets() {
    for (const auto& name : wanted_.channels) {
      for (const auto& [path, target] : delegated_.at(registry::channel_role(name.role, name.channel)).targets)
        files_.emplace(target.sha256, registry_ / registry::stored_path(path, target.sha256));
    }
  }

  Result<std::vector<client::ReleaseFile>> shown_in_images(const client::ChannelName& name) {
    const auto& targets = delegated_.at(registry::channel_role(name.role, name.channel));
    std::vector<client::ReleaseFile> out;
    for (const auto& release : REBURST_TRY(client::releases_of(targets, name.role, name.channel))) {
      for (const auto& file : release.files) {
        if (file.name.ends_with(".raw") || file.name.ends_with(".efi")) out.push_back(file);
      }
    }
    return out;
  }

  // SHA256SUMS has its own signature, by an OpenPGP key that is not here: what it says must be what the metadata says.
  Result<> make_images(const client::ChannelName& name) {
    const auto folder = registry_ / images_folder(name);
    std::error_code error;
    if (!fs::exists(folder, error)) return {};
    const auto shown = "images/" + name.role + "/" + name.channel + "/";
    std::vector<std::string> lines;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      const auto file = at->path().filename().string();
      if (file.starts_with("BEST-BEFORE-")) lines.push_back(sha256("").hex() + "  " + file);
    }
    if (lines.size() != 1) return refuse(shown, "it has not one BEST-BEFORE file");
    for (const auto& file : REBURST_TRY(shown_in_images(name))) {
      lines.push_back(file.sha256.hex() + "  " + file.name);
      REBURST_TRY(share_file(files_.at(file.sha256), folder / file.name));
    }
    std::sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.substr(66) < b.substr(66); });
    std::string expected;
    for (const auto& line : lines) expected += line + "\n";
    if (REBURST_TRY(read_file(folder / "SHA256SUMS", kMaxSums)) != expected)
      return refuse(shown + "SHA256SUMS", "it does not name the files of the signed metadata");
    if (!fs::exists(folder / "SHA256SUMS.gpg", error)) return refuse(shown + "SHA256SUMS.gpg", "it is not in it");
    fs::create_directory_symlink(folder.filename(), registry_ / "images" / name.role / name.channel, error);
    if (error)
      return fail(system_error("cannot make a link in \"" + folder.parent_path().string() + "\"", error.value()));
    return {};
  }

  // Its layers are targets. What its index reaches is all there is.
  Result<> make_layout(const std::string& role) {
    const auto layout = registry_ / "oci" / role;
    const auto shown = "oci/" + role + "/";
    const auto reached = REBURST_TRY(oci::reach(layout, REBURST_TRY(oci::read_layout(layout))));
    for (const auto& [digest, descriptor] : reached.blobs) {
      const auto path = oci::blob_path(layout, digest);
      std::error_code ignored;
      if (fs::exists(path, ignored)) continue;
      const auto found = files_.find(digest);
      if (found == files_.end()) return refuse(shown + "blobs/sha256/" + digest.hex(), "it is not in it");
      REBURST_TRY(share_file(found->second, path));
    }
    std::error_code error;
    for (fs::directory_iterator at(oci::blobs_folder(layout), error), end; !error && at != end; at.increment(error)) {
      const auto name = at->path().filename().string();
      const auto digest = Digest::parse(name);
      if (!digest || !reached.blobs.contains(*digest))
        return refuse(shown + "blobs/sha256/" + name, "nothing names it");
    }
    if (error && error != std::errc::no_such_file_or_directory)  // a role whose releases are all yanked has none
      return fail(system_error("cannot list \"" + oci::blobs_folder(layout).string() + "\"", error.value()));
    return {};
  }

  const fs::path& registry_;
  const Wanted& wanted_;
  const std::map<std::string, tuf::Targets>& delegated_;
  std::size_t jobs_;
  Progress& progress_;
  std::map<Digest, fs::path> files_;  // a place of each target
};

}  // namespace

Result<> rebuild(const fs::path& registry, const Wanted& wanted, const std::map<std::string, tuf::Targets>& delegated,
                 std::size_t jobs, Progress& progress) {
  return Rebuilding(registry, wanted, delegated, jobs, progress).run();
}

}  // namespace reburst::bundle
