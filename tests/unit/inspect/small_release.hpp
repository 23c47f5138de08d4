#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "builder/image/bytes.hpp"
#include "builder/inspect/expected.hpp"
#include "tools.hpp"

namespace reburst::inspect {

// A whole small release: disk, boot program and file list.
class SmallRelease : public image::testing::FolderTest {
 protected:
  explicit SmallRelease(const std::string& stub = image::testing::small_stub()) {
    namespace testing = image::testing;
    using testing::need;
    using testing::noise;
    const fs::path root = folder_ / "root";
    const fs::path modules = root / "usr/lib/modules/6.1.0-1-amd64";
    std::string dep;
    for (const std::string name : {"virtio_pci", "virtio_blk", "dm-verity", "erofs"}) {
      testing::write(modules / "kernel" / (name + ".ko"), "module " + name);
      dep += "kernel/" + name + ".ko:\n";
    }
    testing::write(modules / "modules.dep", dep);
    fs::create_directory_symlink("usr/lib", root / "lib");
    testing::write(root / "boot/vmlinuz-6.1.0-1-amd64", noise(300'000, 1));
    testing::write(root / "usr/bin/large", noise(3'000'000, 2));
    testing::write(root / "usr/bin/other", noise(5'000, 3));
    testing::write(folder_ / "stub.deb",
                   testing::ar({{"debian-binary", "2.0\n"},
                                {"data.tar", testing::tar_file("./usr/lib/systemd/boot/efi/linuxx64.efi.stub", stub) +
                                                 std::string(1024, '\0')}}));
    recipe::Recipe recipe;
    recipe.role = "web";
    recipe.kernel = {"linux-image-amd64", {}};
    fs::create_directories(folder_ / "work");
    const image::ImageOptions options{.work = folder_ / "work",
                                      .output = folder_ / "out",
                                      .role = "web",
                                      .version = "20260711T101637Z",
                                      .epoch = 1783764997,
                                      .jobs = 2,
                                      .boot_stub_package = folder_ / "stub.deb"};
    const auto made = need(image::make_image(testing::make_tree(root), recipe, options, silent_progress()));
    manifest_.role = "web";
    manifest_.version = options.version;
    manifest_.epoch = options.epoch;
    manifest_.artifacts = made.artifacts;
    manifest_.root_hash = made.root_hash;
    manifest_.measured_boot = made.measured_boot;
    write_list(made.files);
    expected_ = need(read_expected(folder_ / "out", manifest_));
  }

  void write_list(const std::vector<image::FileFact>& files) {
    std::string list;
    for (const auto& file : files) {
      if (file.path == "/usr/bin/large") large_ = *file.offset;
      Json line = {{"path", file.path}, {"size", file.size}};
      if (file.offset) line["offset"] = *file.offset;
      if (file.path == "/usr/bin/large") line["package"] = "coreutils";
      list += canonical_json(line);
    }
    image::testing::write(folder_ / "out/web.files", list);
    manifest_.artifacts.push_back({"web.files", "files", list.size(), sha256(list)});
  }

  [[nodiscard]] fs::path disk() const { return folder_ / "out/web_20260711T101637Z.raw"; }

  void flip(std::uint64_t at) const { replace(at, std::string(1, static_cast<char>(~byte(at)))); }
  [[nodiscard]] char byte(std::uint64_t at) const {
    const Fd fd = image::testing::need(open_read(disk()));
    std::array<std::byte, 1> out{};
    image::testing::need(read_at(fd.get(), at, out, "disk"));
    return static_cast<char>(out[0]);
  }
  void replace(std::uint64_t at, std::string_view bytes) const {
    const Fd fd(::open(disk().c_str(), O_RDWR | O_CLOEXEC));
    image::testing::need(write_at(fd.get(), at, image::as_bytes(bytes), "disk"));
  }

  [[nodiscard]] const image::DiskLayout& layout() const { return expected_.layout; }

  describe::Manifest manifest_;
  Expected expected_;
  std::uint64_t large_ = 0;
};

}  // namespace reburst::inspect
