#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/digest.hpp"
#include "core/file.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/repository/metadata.hpp"

// The doors beside TUF: they show what its metadata names, and nothing else.
namespace reburst::registry {

// images/ROLE/CHANNEL for systemd-pull(8) and systemd-sysupdate(8): a link to a folder with the disks of the channel's
// releases, SHA256SUMS, its detached OpenPGP signature (made by `sign`) and BEST-BEFORE-YYYY-MM-DD.
struct ImageFile {
  std::string name;
  std::filesystem::path file;
  std::string sha256;  // 64 hexadecimal digits
};
using ImageSigner = std::function<Result<std::string>(std::string_view text)>;
// That folder, whole but under no name yet; removed again unless show_images() takes it.
struct PreparedImages {
  TempDirectory folder;
  std::filesystem::path link;
};
// Nothing when the channel shows these files already. kUsage where something else than a link has the channel's name.
[[nodiscard]] Result<std::optional<PreparedImages>> prepare_images(const std::filesystem::path& registry,
                                                                   const std::string& role, const std::string& channel,
                                                                   const std::vector<ImageFile>& files,
                                                                   Epoch best_before, const ImageSigner& sign);
// One rename.
[[nodiscard]] Result<> show_images(PreparedImages images);

// OCI tags and the folders of images/, as they are to follow the next commit. What can fail fails while they are
// prepared, where nobody sees anything of it; open() is a rename each.
class Doors {
 public:
  // For what the metadata will be after the next commit; where nothing changes, `best_before` may be what readers see.
  // What is right stays as it is, so that it costs little where nothing changes. Without an OpenPGP key in the key
  // folder images/ stays as it is, and a note says so. kMissing for a release whose OCI manifest is not there.
  [[nodiscard]] static Result<Doors> prepare(const Metadata& metadata, Epoch best_before, Progress& progress);
  // After the commit. open_to_change() does what this could not.
  [[nodiscard]] Result<> open();

 private:
  struct Tag {
    std::filesystem::path layout;
    std::string name;
    std::optional<Digest> manifest;
  };
  [[nodiscard]] Result<> prepare_oci(const Metadata& metadata, const std::string& role);

  std::vector<Tag> tags_;
  std::vector<PreparedImages> images_;
};

// Lets the OCI layouts name again what their index.json has lost of the metadata's releases, where it is there still.
[[nodiscard]] Result<> complete_oci(const Metadata& metadata);

// What each door has to show. A release's version and every channel are tags; what is in no channel any more has none.
[[nodiscard]] Result<std::map<std::string, Digest>> wanted_tags(const Metadata& metadata, const std::string& role);
[[nodiscard]] Result<std::vector<ImageFile>> wanted_images(const Metadata& metadata, const std::string& role,
                                                           const std::string& channel);
// "BEST-BEFORE-2026-11-28", an empty file whose name says until when the folder may be believed.
[[nodiscard]] std::string best_before_name(Epoch day);
// SHA256SUMS of those files and the empty one.
[[nodiscard]] std::string image_sums(std::vector<ImageFile> files, const std::string& best_before);

}  // namespace reburst::registry
