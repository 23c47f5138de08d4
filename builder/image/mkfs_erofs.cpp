#include "builder/image/mkfs_erofs.hpp"

#include <unistd.h>

#include <cerrno>

#include "core/file.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace reburst::image {

namespace {

// Everything that mkfs.erofs would otherwise take from the clock or chance is given. -x: all attributes inline, as
// shared ones would come in the order of directories.
Command mkfs_command(const std::filesystem::path& root, const std::filesystem::path& file,
                     const std::string& compression, const ErofsOptions& options) {
  const Uuid uuid = derived_uuid("reburst erofs", options.uuid_label);
  Command command;
  command.argv = {
      "mkfs.erofs",       "--quiet",     "-z" + compression, "-x1000000", "-T" + std::to_string(options.epoch),
      "-U" + uuid.text(), file.string(), root.string()};
  command.merge_output = true;
  return command;
}

Result<std::uint64_t> copy_into(const std::filesystem::path& file, int fd, std::uint64_t offset) {
  const Fd from = REBURST_TRY(open_read(file));
  Bytes buffer(kMebibyte);
  std::uint64_t size = 0;
  for (;;) {
    const std::size_t got = REBURST_TRY(read_some(from.get(), buffer, file.string()));
    if (got == 0) break;
    REBURST_TRY(write_at(fd, offset + size, std::span(buffer).first(got), "image"));
    size += got;
  }
  if (::ftruncate(fd, static_cast<off_t>(offset + round_up(size, kBlock))) != 0) {
    return fail(system_error("cannot size the image", errno));
  }
  return blocks_of(size, kBlock);
}

}  // namespace

Result<std::string> compressor_version() {
  if (!find_program("mkfs.erofs")) {
    return fail(ErrorCode::kEnvironment, "cannot compress the root file system: \"mkfs.erofs\" is not installed",
                "install the package erofs-utils, or set image.compression: none in the recipe");
  }
  Command command;
  command.argv = {"mkfs.erofs", "--version"};
  command.merge_output = true;
  const Exit exit = REBURST_TRY(run(command));
  return exit.out.substr(0, exit.out.find('\n'));
}

Result<std::uint64_t> write_compressed(const std::filesystem::path& root, const std::filesystem::path& work,
                                       const std::string& compression, const ErofsOptions& options, int fd,
                                       std::uint64_t offset) {
  const TempDirectory scratch = REBURST_TRY(TempDirectory::make(work, "erofs"));
  const std::filesystem::path file = scratch.path() / "root.erofs";
  const Exit made = REBURST_TRY(run(mkfs_command(root, file, compression, options)));
  if (made.status != 0) {
    return fail(ErrorCode::kEnvironment, "mkfs.erofs failed with status " + std::to_string(made.status) + ":\n" +
                                             indent(trim(tail_lines(made.out, 10)), "  "));
  }
  return copy_into(file, fd, offset);
}

}  // namespace reburst::image
