#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/digest.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"
#include "registry/repository/metadata.hpp"

// The doors beside TUF: they show what its metadata names, and nothing else.
namespace reburst::registry {

// Lets OCI tags and the folders of images/ follow the metadata: one rename each. What is right stays as it is, so that
// calling it again costs little; a publication that was killed is finished by the next call. Without an OpenPGP key in
// the key folder images/ stays as it is, and a note says so.
[[nodiscard]] Result<> sync_doors(const Metadata& metadata, Progress& progress);

// images/ROLE/CHANNEL for systemd-pull(8) and systemd-sysupdate(8): a link to a folder with the disks of the channel's
// releases, SHA256SUMS, its detached OpenPGP signature (made by `sign`) and BEST-BEFORE-YYYY-MM-DD.
struct ImageFile {
  std::string name;
  std::filesystem::path file;
  std::string sha256;  // 64 hexadecimal digits
};
using ImageSigner = std::function<Result<std::string>(std::string_view text)>;
[[nodiscard]] Result<> sync_images(const std::filesystem::path& registry, const std::string& role,
                                   const std::string& channel, const std::vector<ImageFile>& files, Epoch best_before,
                                   const ImageSigner& sign);

// What each door has to show. A release's version and every channel are tags; what is in no channel any more has none.
[[nodiscard]] Result<std::map<std::string, Digest>> wanted_tags(const Metadata& metadata, const std::string& role);
[[nodiscard]] Result<std::vector<ImageFile>> wanted_images(const Metadata& metadata, const std::string& role,
                                                           const std::string& channel);
// "BEST-BEFORE-2026-11-28", an empty file whose name says until when the folder may be believed.
[[nodiscard]] std::string best_before_name(Epoch day);
// SHA256SUMS of those files and the empty one.
[[nodiscard]] std::string image_sums(std::vector<ImageFile> files, const std::string& best_before);

}  // namespace reburst::registry
