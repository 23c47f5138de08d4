#include "builder/image/image.hpp"

#include "builder/image/bytes.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "tools.hpp"

namespace reburst::image {

using testing::FolderTest;
using testing::make_tree;
using testing::need;
using testing::noise;
using testing::tool;

class MakeImage : public FolderTest {
 protected:
  MakeImage() {
    const fs::path modules = root_ / "usr/lib/modules/6.1.0-1-amd64";
    std::string dep;
    for (const std::string name : {"virtio_pci", "virtio_blk", "dm-verity", "erofs"}) {
      testing::write(modules / "kernel" / (name + ".ko"), "module " + name);
      dep += "kernel/" + name + ".ko:\n";
    }
    testing::write(modules / "modules.dep", dep);
    fs::create_directory_symlink("usr/lib", root_ / "lib");
    testing::write(root_ / "boot/vmlinuz-6.1.0-1-amd64", noise(300'000, 1));
    testing::write(root_ / "usr/lib/os-release", "ID=debian\n");
    fs::create_directories(root_ / "etc");
    fs::create_symlink("../usr/lib/os-release", root_ / "etc/os-release");
    testing::write(root_ / "usr/bin/large", noise(3'000'000, 2));
    testing::write(folder_ / "stub.deb",
                   testing::ar({{"debian-binary", "2.0\n"},
                                {"data.tar", testing::tar_file("./usr/lib/systemd/boot/efi/linuxx64.efi.stub",
                                                               testing::small_stub()) +
                                                 std::string(1024, '\0')}}));
    recipe_.role = "web";
    recipe_.kernel = {"linux-image-amd64", {"quiet"}};
    recipe_.state = {{"/var/lib/app", "data"}};
  }

  Result<Image> make(std::size_t jobs = 1, const std::string& output = "out") {
    fs::create_directories(folder_ / "work");
    const ImageOptions options{.work = folder_ / "work",
                               .output = folder_ / output,
                               .role = "web",
                               .version = "20260711T101637Z",
                               .epoch = 1783764997,
                               .jobs = jobs,
                               .boot_stub_package = folder_ / "stub.deb",
                               .boot_signer = signer_};
    return make_image(make_tree(root_), recipe_, options, silent_progress());
  }

  // Partition `index` of the disk as a file of its own.
  fs::path partition(const Json& table, std::size_t index) {
    const Json& entry = table.at("partitions").at(index);
    const fs::path out = folder_ / ("partition" + std::to_string(index));
    testing::write(out, testing::read(disk()).substr(entry.at("start").get<std::size_t>() * 512,
                                                     entry.at("size").get<std::size_t>() * 512));
    return out;
  }
  [[nodiscard]] fs::path disk() const { return folder_ / "out/web_20260711T101637Z.raw"; }

  fs::path root_ = folder_ / "root";
  recipe::Recipe recipe_;
  std::optional<BootSigner> signer_;
};

TEST_F(MakeImage, EveryPartOfTheDiskSatisfiesItsTool) {
  const Image image = need(make());
  EXPECT_EQ(image.kernel_release, "6.1.0-1-amd64");
  EXPECT_THAT(tool({"sfdisk", "--verify", disk().string()}), ::testing::HasSubstr("No errors detected"));
  const Json table = need(parse_json(tool({"sfdisk", "-J", disk().string()}), "sfdisk")).at("partitiontable");
  ASSERT_EQ(table.at("partitions").size(), 3U);
  tool({"fsck.erofs", partition(table, 0).string()});
  tool({"veritysetup", "verify", partition(table, 0).string(), partition(table, 1).string(), image.root_hash.hex()});
  tool({"fsck.fat", "-n", partition(table, 2).string()});
  tool({"mcopy", "-i", partition(table, 2).string(), "::/EFI/BOOT/BOOTX64.EFI", (folder_ / "uki").string()});
  EXPECT_TRUE(testing::read(folder_ / "uki") == testing::read(folder_ / "out/web_20260711T101637Z.efi"));
}

TEST_F(MakeImage, PartitionsAreNamedByTheRootHash) {
  std::string hash = need(make()).root_hash.hex();
  const Json table = need(parse_json(tool({"sfdisk", "-J", disk().string()}), "sfdisk")).at("partitiontable");
  std::string uuids;
  for (const std::size_t i : {0U, 1U}) {
    for (const char c : table.at("partitions").at(i).at("uuid").get<std::string>()) {
      if (c != '-') uuids += static_cast<char>(c >= 'A' ? c - 'A' + 'a' : c);
    }
    EXPECT_EQ(table.at("partitions").at(i).at("name"), "web_20260711T101637Z");
  }
  EXPECT_EQ(uuids, hash);
}

TEST_F(MakeImage, ArtifactsAreListedWithSizeAndDigest) {
  const Image image = need(make(2));
  std::vector<std::string> names;
  for (const Artifact& artifact : image.artifacts) {
    names.push_back(artifact.kind + " " + artifact.name);
    EXPECT_EQ(artifact.size, fs::file_size(folder_ / "out" / artifact.name));
    EXPECT_EQ(artifact.sha256, need(sha256_file(folder_ / "out" / artifact.name)));
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"disk web_20260711T101637Z.raw", "uki web_20260711T101637Z.efi",
                                      "kernel web_20260711T101637Z.vmlinuz", "initrd web_20260711T101637Z.initrd"}));
  EXPECT_TRUE(testing::read(folder_ / "out/web_20260711T101637Z.vmlinuz") == noise(300'000, 1));
}

TEST_F(MakeImage, EveryFilesDataLiesAtItsOffsetOnTheDisk) {
  const Image image = need(make(2));
  const std::string content = testing::read(disk());
  std::size_t seen = 0;
  for (const FileFact& file : image.files) {
    if (!file.offset) continue;
    EXPECT_EQ(sha256(std::string_view(content).substr(*file.offset, file.size)), file.sha256) << file.path;
    EXPECT_EQ(file.sha256, need(sha256_file(root_.string() + file.path))) << file.path;
    ++seen;
  }
  EXPECT_EQ(seen, 8U) << "four modules, their list, a kernel, a program, os-release";
}

TEST_F(MakeImage, FilesOfACompressedDiskHaveDigestsAndNoOffsets) {
  recipe_.image.compression = "lz4";
  for (const FileFact& file : need(make()).files) {
    EXPECT_FALSE(file.offset) << file.path;
    if (file.size == 0) continue;
    EXPECT_EQ(file.sha256, need(sha256_file(root_.string() + file.path))) << file.path;
  }
}

TEST_F(MakeImage, TheBootProgramCarriesCommandLineAndRelease) {
  need(make());
  const std::string uki = testing::read(folder_ / "out/web_20260711T101637Z.efi");
  EXPECT_THAT(uki,
              ::testing::HasSubstr("console=tty0 console=ttyS0,115200 panic=30 systemd.import_credentials=no quiet"));
  EXPECT_THAT(uki, ::testing::HasSubstr("ID=debian\n"));
  EXPECT_TRUE(uki.find(testing::read(folder_ / "out/web_20260711T101637Z.initrd")) != std::string::npos);
}

TEST_F(MakeImage, TheBootProgramIsSignedInTheDiskToo) {
  need(make(1, "plain"));
  const auto plain = testing::read(folder_ / "plain/web_20260711T101637Z.efi");
  signer_ = BootSigner{.certificate = sha256("certificate"), .sign = [&](const std::string& program) {
                         EXPECT_TRUE(program == plain);
                         return Result<BootSigner::Signed>({program + "signature", sha256("program")});
                       }};
  const Image image = need(make());
  ASSERT_TRUE(image.signature);
  EXPECT_EQ(image.signature->certificate, sha256("certificate"));
  EXPECT_EQ(image.signature->authenticode, sha256("program"));
  EXPECT_TRUE(testing::read(folder_ / "out/web_20260711T101637Z.efi") == plain + "signature");
  const Json table = need(parse_json(tool({"sfdisk", "-J", disk().string()}), "sfdisk")).at("partitiontable");
  tool({"mcopy", "-i", partition(table, 2).string(), "::/EFI/BOOT/BOOTX64.EFI", (folder_ / "uki").string()});
  EXPECT_TRUE(testing::read(folder_ / "uki") == plain + "signature");
}

TEST_F(MakeImage, ASignerThatFailsIsHeard) {
  signer_ = BootSigner{.certificate = {}, .sign = [](const std::string&) -> Result<BootSigner::Signed> {
                         return fail(ErrorCode::kSignature, "the token is gone");
                       }};
  const auto image = make();
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().render(), "the token is gone\n  while signing the boot program");
}

TEST_F(MakeImage, TheInitrdStartsReburstInitWithThisImagesConfiguration) {
  const Image image = need(make());
  testing::unpack_cpio(folder_ / "out/web_20260711T101637Z.initrd", folder_ / "initrd");
  const std::string conf = testing::read(folder_ / "initrd/boot.conf");
  EXPECT_THAT(conf, ::testing::HasSubstr("root_hash " + image.root_hash.hex() + "\n"));
  EXPECT_THAT(conf, ::testing::HasSubstr("state data /var/lib/app\n"));
  EXPECT_EQ(testing::read(folder_ / "initrd/init").substr(0, 4),
            "\x7f"
            "ELF");
}

TEST_F(MakeImage, TheBytesDoNotDependOnJobs) {
  const Image one = need(make(1, "one"));
  const Image two = need(make(2, "two"));
  ASSERT_EQ(one.artifacts.size(), two.artifacts.size());
  for (std::size_t i = 0; i < one.artifacts.size(); ++i)
    EXPECT_EQ(one.artifacts[i].sha256, two.artifacts[i].sha256) << one.artifacts[i].name;
}

TEST_F(MakeImage, WithoutAKernelItIsARootFileSystemAndItsTree) {
  recipe_.kernel = {};
  const Image image = need(make());
  EXPECT_EQ(image.kernel_release, "");
  ASSERT_EQ(image.artifacts.size(), 2U);
  EXPECT_EQ(image.artifacts[0].kind, "root");
  EXPECT_EQ(image.artifacts[1].kind, "verity");
  tool({"veritysetup", "verify", (folder_ / "out" / image.artifacts[0].name).string(),
        (folder_ / "out" / image.artifacts[1].name).string(), image.root_hash.hex()});
}

TEST_F(MakeImage, CompressedDisksVerifyToo) {
  recipe_.image.compression = "lz4";
  const Image image = need(make());
  const Json table = need(parse_json(tool({"sfdisk", "-J", disk().string()}), "sfdisk")).at("partitiontable");
  tool({"fsck.erofs", partition(table, 0).string()});
  tool({"veritysetup", "verify", partition(table, 0).string(), partition(table, 1).string(), image.root_hash.hex()});
}

TEST_F(MakeImage, ATreeWithoutAKernelIsAnError) {
  fs::remove(root_ / "boot/vmlinuz-6.1.0-1-amd64");
  const Error error = make().error();
  EXPECT_EQ(error.code, ErrorCode::kMissing);
  EXPECT_EQ(error.message, "the image has no kernel: \"/boot/vmlinuz-*\" is not there");
  EXPECT_EQ(error.hint,
            "\"linux-image-amd64\" of the recipe's kernel.package must install one, and image.exclude must leave it");
}

TEST_F(MakeImage, TwoKernelsAreAnError) {
  testing::write(root_ / "boot/vmlinuz-6.1.0-2-amd64", "x");
  const Error error = make().error();
  EXPECT_EQ(error.code, ErrorCode::kRecipe);
  EXPECT_EQ(error.message,
            "the image has 2 kernels, \"/boot/vmlinuz-6.1.0-1-amd64\" and \"/boot/vmlinuz-6.1.0-2-amd64\" among them");
}

TEST_F(MakeImage, AKernelWithoutErofsIsAnError) {
  testing::write(root_ / "usr/lib/modules/6.1.0-1-amd64/modules.dep", "");
  const Error error = make().error();
  EXPECT_EQ(error.message, "the kernel has no module \"virtio_pci\", which an image needs to boot");
  EXPECT_EQ(error.context, (std::vector<std::string>{"choosing the modules of the kernel \"6.1.0-1-amd64\""}));
}

TEST_F(MakeImage, APackageWithoutAStubIsAnError) {
  testing::write(folder_ / "stub.deb",
                 testing::ar({{"data.tar", testing::tar_file("./usr/x", "x") + std::string(1024, '\0')}}));
  EXPECT_EQ(make().error().message, "cannot read \"" + (folder_ / "stub.deb").string() +
                                        "\": it has no \"/usr/lib/systemd/boot/efi/linuxx64.efi.stub\"");
}

}  // namespace reburst::image
