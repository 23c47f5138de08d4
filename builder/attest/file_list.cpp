// docs/formats/file-list.md: one canonical JSON object a line for every path of the image.
#include <sys/stat.h>

#include <array>

#include "builder/attest/artifact_file.hpp"
#include "builder/attest/attest.hpp"
#include "builder/recipe/unicode.hpp"
#include "core/text.hpp"

namespace reburst::attest {

namespace {

constexpr std::string_view kHexMark = "hex:";

// Names are bytes, JSON is UTF-8: what is not, and what could be taken for the mark itself, is written in digits.
std::string as_text(const std::string& bytes) {
  if (!bytes.starts_with(kHexMark) && !recipe::find_invalid_utf8(bytes)) return bytes;
  return std::string(kHexMark) + to_hex(std::as_bytes(std::span(bytes)));
}

std::string octal(mode_t mode) {
  std::string text(4, '0');
  for (std::size_t i = text.size(); i-- > 0; mode >>= 3U) text[i] = static_cast<char>('0' + (mode & 7U));
  return text;
}

std::string_view type_name(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return "file";
    case S_IFDIR: return "folder";
    case S_IFLNK: return "link";
    case S_IFIFO: return "fifo";
    case S_IFSOCK: return "socket";
    default: return "device";
  }
}

// "char 1:3", "block 8:0"; as new_decode_dev() of linux/kdev_t.h takes the number apart.
std::string device_text(const image::FileFact& file) {
  const std::uint32_t major = (file.device >> 8U) & 0xfffU;
  const std::uint32_t minor = (file.device & 0xffU) | ((file.device >> 12U) & 0xfff00U);
  return std::string(S_ISBLK(file.mode) ? "block " : "char ") + std::to_string(major) + ":" + std::to_string(minor);
}

Json line(const image::FileFact& file) {
  Json out = {{"path", as_text(file.path)},
              {"type", type_name(file.mode)},
              {"mode", octal(file.mode & 07777U)},
              {"uid", file.uid},
              {"gid", file.gid}};
  if (!file.package.empty()) out["package"] = file.package;
  if (!file.link_to.empty()) out["link_to"] = as_text(file.link_to);
  if (S_ISLNK(file.mode)) out["target"] = as_text(file.target);
  if (S_ISCHR(file.mode) || S_ISBLK(file.mode)) out["device"] = device_text(file);
  for (const image::Xattr& xattr : file.xattrs)
    out["xattrs"][as_text(xattr.name)] = to_hex(std::as_bytes(std::span(xattr.value)));
  if (!S_ISREG(file.mode)) return out;
  out["size"] = file.size;
  out["sha256"] = file.sha256.hex();
  if (file.offset) out["offset"] = *file.offset;
  return out;
}

}  // namespace

Result<image::Artifact> write_file_list(const std::filesystem::path& folder, const Build& build) {
  auto out = REBURST_TRY(ArtifactFile::create(folder, file_name(build, ".files"), "files"));
  for (const image::FileFact& file : build.image.files) {
    out.put_json(line(file));
    out.put_text("\n");
  }
  return out.close();
}

}  // namespace reburst::attest
