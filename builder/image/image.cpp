#include "builder/image/image.hpp"

#include <unistd.h>

#include <cerrno>
#include <optional>

#include "builder/image/archives.hpp"
#include "builder/image/erofs.hpp"
#include "builder/image/fat.hpp"
#include "builder/image/in_root.hpp"
#include "builder/image/init_program.hpp"
#include "builder/image/initrd.hpp"
#include "builder/image/layout.hpp"
#include "builder/image/mkfs_erofs.hpp"
#include "builder/image/modules.hpp"
#include "builder/image/uki.hpp"
#include "builder/image/verity.hpp"
#include "core/file.hpp"
#include "core/parallel.hpp"
#include "core/text.hpp"

namespace reburst::image {

namespace {

constexpr std::uint64_t kMaxKernel = 256U << 20U;
constexpr std::uint64_t kMaxStub = 8U << 20U;
constexpr std::size_t kMaxCommandLine = 2047;  // Linux cuts off what is longer (COMMAND_LINE_SIZE on x86-64)
constexpr std::string_view kStub = "usr/lib/systemd/boot/efi/linuxx64.efi.stub";
constexpr std::string_view kConsole = "console=tty0 console=ttyS0,115200 panic=30 systemd.import_credentials=no";

struct BootKernel {
  std::string release, content;
};

// The only /boot/vmlinuz-RELEASE of the tree.
Result<BootKernel> find_kernel(const std::filesystem::path& root, const std::string& package) {
  constexpr std::string_view kPrefix = "vmlinuz-";
  std::vector<std::string> found;
  for (const std::string& name : REBURST_TRY(list_in_root(root, "boot"))) {
    if (name.starts_with(kPrefix)) found.push_back(name);
  }
  if (found.empty()) {
    return fail(ErrorCode::kMissing, "the image has no kernel: \"/boot/vmlinuz-*\" is not there",
                "\"" + package + "\" of the recipe's kernel.package must install one, and image.exclude must leave it");
  }
  if (found.size() > 1) {
    return fail(ErrorCode::kRecipe,
                "the image has " + std::to_string(found.size()) + " kernels, \"/boot/" + found[0] + "\" and \"/boot/" +
                    found[1] + "\" among them",
                "name one kernel package in kernel.package, and none in packages.install");
  }
  return BootKernel{found.front().substr(kPrefix.size()),
                    REBURST_TRY(read_in_root(root, "boot/" + found.front(), kMaxKernel))};
}

std::string command_line(const recipe::Recipe& recipe) {
  std::string line(kConsole);
  for (const std::string& word : recipe.kernel.cmdline) line += " " + word;
  return line;
}

// reburst-init would refuse what the kernel cut off.
Result<> check_command_line(const recipe::Recipe& recipe) {
  const std::size_t size = command_line(recipe).size();
  if (size <= kMaxCommandLine) return {};
  return fail(ErrorCode::kRecipe,
              "the kernel's command line has " + std::to_string(size) + " characters, and Linux takes " +
                  std::to_string(kMaxCommandLine),
              "take words out of kernel.cmdline");
}

// What boot menus show: the image's own os-release.
Result<std::string> os_release(const std::filesystem::path& root) {
  auto text = read_in_root(root, "etc/os-release", 65536);
  if (!text && text.error().code == ErrorCode::kMissing) return "";
  return text;
}

// A file of the output under construction.
struct Output {
  std::filesystem::path path;
  Fd fd;
};

class ImageMaker {
 public:
  ImageMaker(const tree::Tree& tree, const recipe::Recipe& recipe, const ImageOptions& options, Progress& progress)
      : tree_(tree),
        recipe_(recipe),
        options_(options),
        progress_(progress),
        stem_(options.role + "_" + options.version) {}

  Result<Image> make() {
    REBURST_TRY(make_directories(options_.output));
    return recipe_.kernel.package.empty() ? make_bare() : make_bootable();
  }

 private:
  // Root file system and verity tree alone, a file each.
  Result<Image> make_bare() {
    Output root = REBURST_TRY(create(".root.raw"));
    Output hash = REBURST_TRY(create(".verity"));
    const std::uint64_t blocks = REBURST_TRY(write_root(root.fd.get(), 0));
    const Verity verity = REBURST_TRY(write_verity(root.fd.get(), 0, blocks, hash.fd.get(), 0, options_.jobs));
    image_.root_hash = verity.root_hash;
    REBURST_TRY(close_checked(std::move(root.fd), root.path.string()));
    REBURST_TRY(close_checked(std::move(hash.fd), hash.path.string()));
    return describe({{".root.raw", "root"}, {".verity", "verity"}});
  }

  Result<Image> make_bootable() {
    REBURST_TRY(check_command_line(recipe_));
    const BootKernel kernel = REBURST_TRY(find_kernel(tree_.root, recipe_.kernel.package));
    image_.kernel_release = kernel.release;
    if (!options_.trust_root.empty()) image_.trust_root = sha256(options_.trust_root);
    const std::vector<BootModule> modules =
        REBURST_TRY(with_context(boot_modules(tree_.root, kernel.release, !recipe_.state.empty()),
                                 "choosing the modules of the kernel \"" + kernel.release + "\""));
    Output disk = REBURST_TRY(create(".raw"));
    const std::uint64_t blocks = REBURST_TRY(write_root(disk.fd.get(), kRootStart));
    const Verity verity =
        REBURST_TRY(write_verity(disk.fd.get(), kRootStart, blocks, disk.fd.get(), hash_start(blocks), options_.jobs));
    image_.root_hash = verity.root_hash;
    const std::string initrd = make_boot_initrd(verity, modules);
    std::string program = REBURST_TRY(make_boot_program(kernel, initrd));
    image_.measured_boot = REBURST_TRY(expected_of(program));
    const std::string uki = REBURST_TRY(sign(std::move(program)));
    REBURST_TRY(finish_disk(std::move(disk), verity, uki));
    REBURST_TRY(save(".efi", uki));
    REBURST_TRY(save(".vmlinuz", kernel.content));
    REBURST_TRY(save(".initrd", initrd));
    return describe({{".raw", "disk"}, {".efi", "uki"}, {".vmlinuz", "kernel"}, {".initrd", "initrd"}});
  }

  Result<Output> create(std::string_view suffix) const {
    Output output{options_.output / (stem_ + std::string(suffix)), Fd()};
    output.fd = REBURST_TRY(open_write(output.path));
    return output;
  }

  Result<> save(std::string_view suffix, std::string_view content) const {
    Output output = REBURST_TRY(create(suffix));
    REBURST_TRY(write_all(output.fd.get(), content, output.path.string()));
    return close_checked(std::move(output.fd), output.path.string());
  }

  // The root file system at `offset`; returns its blocks.
  Result<std::uint64_t> write_root(int fd, std::uint64_t offset) {
    const ErofsOptions erofs{.epoch = options_.epoch, .volume = options_.role, .uuid_label = stem_};
    const Walk walk = REBURST_TRY(walk_tree(tree_));
    if (recipe_.image.compression != "none") {
      progress_.begin("image", 0, Progress::Unit::kItems);
      image_.files = list_files(walk, tree_, nullptr, offset);
      return write_compressed(tree_.root, options_.work, recipe_.image.compression, erofs, fd, offset);
    }
    const ErofsPlan plan = REBURST_TRY(plan_erofs(walk, erofs));
    image_.files = list_files(walk, tree_, &plan, offset);
    progress_.begin("image", plan.blocks * kBlock, Progress::Unit::kBytes);
    if (::ftruncate(fd, static_cast<off_t>(offset + plan.blocks * kBlock)) != 0) {
      return fail(system_error("cannot size the image", errno));
    }
    REBURST_TRY(write_erofs(plan, walk, tree_.root, fd, offset, options_.jobs, progress_));
    return plan.blocks;
  }

  std::string make_boot_initrd(const Verity& verity, const std::vector<BootModule>& modules) const {
    const BootConfiguration configuration{.role = options_.role,
                                          .version = options_.version,
                                          .verity = verity,
                                          .data_partition = data_partition_uuid(verity.root_hash),
                                          .hash_partition = hash_partition_uuid(verity.root_hash),
                                          .boot = recipe_.boot,
                                          .epoch = options_.epoch,
                                          .trust_root = image_.trust_root,
                                          .command_line = command_line(recipe_),
                                          .state = recipe_.state};
    return make_initrd(init_program(), boot_conf(configuration), options_.trust_root, modules, options_.epoch);
  }

  Result<std::string> make_boot_program(const BootKernel& kernel, const std::string& initrd) const {
    const std::string stub = REBURST_TRY(read_package_member(options_.boot_stub_package, kStub, kMaxStub));
    const std::string release = REBURST_TRY(os_release(tree_.root));
    const std::string line = command_line(recipe_);
    const std::array<UkiSection, 5> sections{{{".osrel", release},
                                              {".cmdline", line},
                                              {".uname", kernel.release},
                                              {".linux", kernel.content},
                                              {".initrd", initrd}}};
    return with_context(make_uki(stub, sections),
                        "making a boot program of \"" + options_.boot_stub_package.string() + "\"");
  }

  // A signature changes none of it.
  Result<std::optional<measure::Expected>> expected_of(std::string_view program) const {
    auto expected = REBURST_TRY(with_context(measure::expect(program), "measuring the boot program"));
    if (expected && options_.boot_signer) expected->secure_boot = options_.boot_signer->secure_boot_pcr;
    return expected;
  }

  Result<std::string> sign(std::string uki) {
    if (!options_.boot_signer) return uki;
    auto made = REBURST_TRY(with_context(options_.boot_signer->sign(std::move(uki)), "signing the boot program"));
    image_.signature = {options_.boot_signer->certificate, made.authenticode};
    return std::move(made.program);
  }

  Result<> finish_disk(Output disk, const Verity& verity, const std::string& uki) {
    const DiskLayout layout = REBURST_TRY(disk_layout(options_.role, options_.version, verity, uki.size()));
    if (::ftruncate(disk.fd.get(), static_cast<off_t>(layout.size)) != 0)
      return fail(system_error("cannot size the image", errno));
    REBURST_TRY(write_esp(disk.fd.get(), layout.esp.start, as_bytes(uki), {layout.esp_volume, options_.epoch}));
    REBURST_TRY(write_at(disk.fd.get(), 0, layout.table.head, "image"));
    REBURST_TRY(write_at(disk.fd.get(), layout.size - layout.table.tail.size(), layout.table.tail, "image"));
    return close_checked(std::move(disk.fd), disk.path.string());
  }

  struct Kind {
    std::string_view suffix, kind;
  };
  // Digests of the artifacts, the first of which holds the root file system, and of the files in it: the disk is one
  // long hash that a single thread has to go through, so all others come beside it.
  Result<Image> describe(const std::vector<Kind>& kinds) {
    for (const Kind& kind : kinds)
      image_.artifacts.push_back({stem_ + std::string(kind.suffix), std::string(kind.kind), 0, {}});
    const Fd disk = REBURST_TRY(open_read(options_.output / image_.artifacts.front().name));
    FileHashing hashing(image_.files, disk.get(), tree_.root);
    REBURST_TRY(parallel_for(options_.jobs, kinds.size() + hashing.pieces(), [&](std::size_t i) -> Result<> {
      return i < kinds.size() ? describe_artifact(image_.artifacts[i]) : hashing.run(i - kinds.size());
    }));
    hashing.finish();
    return std::move(image_);
  }

  Result<> describe_artifact(Artifact& artifact) const {
    const std::filesystem::path path = options_.output / artifact.name;
    artifact.sha256 = REBURST_TRY(sha256_file(path));
    std::error_code error;
    artifact.size = std::filesystem::file_size(path, error);
    if (error) return fail(system_error("cannot stat \"" + path.string() + "\"", error.value()));
    return {};
  }

  const tree::Tree& tree_;
  const recipe::Recipe& recipe_;
  const ImageOptions& options_;
  Progress& progress_;
  std::string stem_;
  Image image_;
};

}  // namespace

Result<Image> make_image(const tree::Tree& tree, const recipe::Recipe& recipe, const ImageOptions& options,
                         Progress& progress) {
  return ImageMaker(tree, recipe, options, progress).make();
}

}  // namespace reburst::image
