#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "core/file.hpp"
#include "core/text.hpp"
#include "registry/repository/doors.hpp"

namespace reburst::registry {

namespace {

constexpr std::string_view kSums = "SHA256SUMS";
constexpr std::uint64_t kMaxSums = 16U << 20U;

// Old folders, and those of a publication that was killed; the one that the link names stays.
void sweep(const fs::path& folder, const std::string& prefix, const fs::path& kept) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    if (name.starts_with(prefix) && name != kept) found.push_back(at->path());
  }
  for (const auto& path : found) (void)remove_tree(path);  // what cannot be removed is found again
}

Result<> switch_link(const fs::path& link, const fs::path& target) {
  const fs::path fresh = link.parent_path() / ("." + link.filename().string() + ".new");
  std::error_code error;
  fs::remove(fresh, error);
  fs::create_directory_symlink(target, fresh, error);
  if (error) return fail(system_error("cannot make the link \"" + fresh.string() + "\"", error.value()));
  REBURST_TRY(rename_path(fresh, link));
  return sync_directory(link.parent_path());
}

}  // namespace

std::string best_before_name(Epoch day) {
  return "BEST-BEFORE-" + iso_time(day).substr(0, 10);
}

std::string image_sums(std::vector<ImageFile> files, const std::string& best_before) {
  files.push_back({best_before, {}, sha256("").hex()});
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::string out;
  for (const auto& file : files) out += file.sha256 + "  " + file.name + "\n";
  return out;
}

Result<std::optional<PreparedImages>> prepare_images(const fs::path& registry, const std::string& role,
                                                     const std::string& channel, const std::vector<ImageFile>& files,
                                                     Epoch best_before, const ImageSigner& sign) {
  const auto folder = registry / "images" / role;
  const auto link = folder / channel;
  const auto day = best_before_name(best_before);
  const auto sums = image_sums(files, day);
  const auto present = read_file(link / kSums, kMaxSums);
  std::error_code ignored;
  if (present && *present == sums && fs::exists(link / "SHA256SUMS.gpg", ignored)) {
    sweep(folder, "." + channel + "-", fs::read_symlink(link, ignored));
    return std::nullopt;
  }
  const auto type = fs::symlink_status(link, ignored).type();
  if (type != fs::file_type::symlink && type != fs::file_type::not_found) {
    return fail(ErrorCode::kUsage, "\"" + link.string() + "\" is no link, as a channel's folder under images/ is",
                "a copy that followed links, perhaps: remove it, and it is made anew");
  }

  REBURST_TRY(make_directories(folder));
  // The sums and their signature cannot change together but in a folder of their own.
  auto fresh = REBURST_TRY(TempDirectory::make(folder, "." + channel));
  for (const auto& file : files) REBURST_TRY(share_file(file.file, fresh.path() / file.name));
  REBURST_TRY(write_file_atomic(fresh.path() / day, ""));
  REBURST_TRY(write_file_atomic(fresh.path() / kSums, sums));
  REBURST_TRY(write_file_atomic(fresh.path() / "SHA256SUMS.gpg", REBURST_TRY(sign(sums))));
  struct stat around {};  // as the umask has it, while a temporary folder is its maker's alone
  if (::stat(folder.c_str(), &around) != 0 || ::chmod(fresh.path().c_str(), around.st_mode & 0777) != 0)
    return fail(system_error("cannot open \"" + fresh.path().string() + "\" to readers", errno));
  return PreparedImages{std::move(fresh), link};
}

Result<> show_images(PreparedImages images) {
  const auto name = images.folder.path().filename();
  REBURST_TRY(switch_link(images.link, name));
  (void)images.folder.release();
  sweep(images.link.parent_path(), "." + images.link.filename().string() + "-", name);
  return {};
}

}  // namespace reburst::registry
