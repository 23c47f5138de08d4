#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "builder/image/file_facts.hpp"
#include "builder/measure/expected.hpp"
#include "builder/recipe/recipe.hpp"
#include "builder/tree/tree.hpp"
#include "core/digest.hpp"
#include "core/progress.hpp"
#include "core/result.hpp"

namespace reburst::image {

// A file of the release, by name inside the output folder.
struct Artifact {
  std::string name;  // web_20260711T101637Z.raw
  std::string kind;  // disk, uki, kernel, initrd, or without a kernel: root, verity
  std::uint64_t size = 0;
  Digest sha256;
};

// A boot program that is signed for Secure Boot: whose signature it is, and of what.
struct BootSignature {
  Digest certificate;   // SHA-256 of the signer's certificate
  Digest authenticode;  // of the program without its signatures, as firmware computes it
};

// Signs boot programs. It comes from the caller, so that nothing here knows a key; same program, same bytes.
struct BootSigner {
  struct Signed {
    std::string program;
    Digest authenticode;
  };
  Digest certificate;
  std::optional<Digest> secure_boot_pcr = {};  // PCR 7 of a machine with the keys that this one belongs to, if known
  std::function<Result<Signed>(std::string program)> sign;
};

struct Image {
  std::vector<Artifact> artifacts;
  Digest root_hash;                                     // dm-verity, of the root partition
  std::string kernel_release;                           // 6.1.0-40-cloud-amd64; empty without a kernel
  std::optional<Digest> trust_root;                     // of the root.json in the initrd
  std::optional<BootSignature> signature = {};          // of the UKI
  std::optional<measure::Expected> measured_boot = {};  // when the UKI is started; none: its stub is not known
  std::vector<FileFact> files;                          // every path of the root file system, sorted by bytes
};

struct ImageOptions {
  std::filesystem::path work;    // scratch
  std::filesystem::path output;  // artifacts are written here
  std::string role, version;
  Epoch epoch = 0;
  std::size_t jobs = 1;
  std::string trust_root =
      {};  // TUF root metadata that release tickets are checked with; empty: tickets cannot be checked
  std::filesystem::path
      boot_stub_package;  // the locked systemd-boot-efi .deb (verified); its linuxx64.efi.stub is read from it
  std::optional<BootSigner> boot_signer = {};  // none: the UKI is not signed
};

// Writes erofs, verity tree, initrd, UKI, ESP and GPT into one raw disk, and the kernel, initrd and UKI beside it.
// Needs no root and no loop device. Same tree and options, same bytes, whatever `jobs`.
[[nodiscard]] Result<Image> make_image(const tree::Tree& tree, const recipe::Recipe& recipe,
                                       const ImageOptions& options, Progress& progress);

}  // namespace reburst::image
