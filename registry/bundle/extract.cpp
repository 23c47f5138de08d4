#include "registry/bundle/extract.hpp"

#include <optional>

#include "core/digest.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "registry/repository/held.hpp"

namespace reburst::bundle {

namespace {

constexpr std::size_t kBuffer = 1U << 20U;
constexpr std::uint64_t kMaxMetadata = 10U << 20U;      // what a client reads of one file
constexpr std::uint64_t kMaxAllMetadata = 256U << 20U;  // not verified yet, so not much
constexpr std::size_t kMaxMetadataFiles = 8192;
constexpr std::uint64_t kMaxSums = 16U << 20U;
constexpr std::uint64_t kMaxBlob = 128U << 20U;  // a bundle around an SBOM
constexpr std::uint64_t kMaxIndex = 16U << 20U;
constexpr std::size_t kBlobsOfRelease = 64;

tl::unexpected<Error> refuse(const std::string& name, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot accept \"" + name + "\" of the bundle: " + why,
              "the bundle is damaged, or was made by somebody else: export it again");
}

// What is known of an entry before it is read.
struct Limit {
  std::uint64_t most = 0;
  bool exact = false;                 // `most` is its length
  std::optional<Digest> sha256 = {};  // what it must be
  std::string path = {};              // where it goes; empty: its name
};

class Extraction {
 public:
  Extraction(TarReader& bundle, const fs::path& into, const Judge& judge, Progress& progress)
      : bundle_(bundle), into_(into), judge_(judge), progress_(progress), buffer_(kBuffer) {}

  Result<Wanted> run() {
    while (const auto entry = REBURST_TRY(bundle_.next())) {
      REBURST_TRY(take(*entry));
      progress_.advance(entry->size);
    }
    if (!wanted_) REBURST_TRY(judge());
    REBURST_TRY(require_all());
    return *std::move(wanted_);
  }

 private:
  Result<> take(const TarEntry& entry) {
    const auto& name = entry.name;
    if (name == last_) return refuse(name, "it is there twice");
    if (!last_.empty() && !comes_before(last_, name)) return refuse(name, "it is out of order, or there twice");
    const auto section = section_of(name);
    if (last_.empty() && section != Section::kHeld) return refuse(name, "a bundle begins with bundle.json");
    if (section == Section::kNone) return refuse(name, "a registry has no such file");
    last_ = name;
    if (section > Section::kMetadata && !wanted_) REBURST_TRY(judge());
    const auto limit = REBURST_TRY(limit_of(entry, section));
    if (entry.size > limit.most || (limit.exact && entry.size != limit.most)) {
      return refuse(name, std::string("its length is wrong\n  expected: ") + (limit.exact ? "" : "at most ") +
                              std::to_string(limit.most) + " bytes\n  found:    " + std::to_string(entry.size));
    }
    return write(entry, limit);
  }

  Result<> judge() {
    wanted_ = REBURST_TRY(judge_());
    return {};
  }

  Result<Limit> limit_of(const TarEntry& entry, Section section) {
    switch (section) {
      case Section::kHeld: return Limit{.most = registry::kMaxHeld};
      case Section::kMetadata: return limit_of_metadata(entry);
      case Section::kTargets: return limit_of_target(entry.name);
      case Section::kImages: return limit_of_images(entry.name);
      case Section::kOci: return limit_of_oci(entry.name);
      case Section::kChunks: return limit_of_chunk(entry.name);
      case Section::kNone: break;
    }
    return refuse(entry.name, "a registry has no such file");
  }

  // Which of them belong there the judge decides.
  Result<Limit> limit_of_metadata(const TarEntry& entry) {
    all_metadata_ += entry.size;
    if (++metadata_files_ > kMaxMetadataFiles || all_metadata_ > kMaxAllMetadata)
      return refuse(entry.name, "no registry has so much metadata");
    const auto file = std::string_view(entry.name).substr(std::string_view("metadata/").size());
    if (file.find('/') != std::string_view::npos || file.starts_with('.') || !file.ends_with(".json"))
      return refuse(entry.name, "a registry has no such file");
    return Limit{.most = kMaxMetadata};
  }

  Result<Limit> limit_of_target(const std::string& name) {
    const auto found = wanted_->targets.find(name);
    if (found == wanted_->targets.end()) return refuse(name, "the signed metadata does not name it");
    ++targets_;
    return Limit{.most = found->second.length, .exact = true, .sha256 = found->second.sha256};
  }

  Result<Limit> limit_of_images(const std::string& name) {
    for (const auto& channel : wanted_->channels) {
      const auto prefix = "images/" + channel.role + "/" + channel.channel + "/";
      if (!name.starts_with(prefix)) continue;
      const auto file = name.substr(prefix.size());
      const bool known = file == "SHA256SUMS" || file == "SHA256SUMS.gpg" ||
                         (file.starts_with("BEST-BEFORE-") && file.find('/') == std::string::npos);
      if (!known) break;
      return Limit{.most = file.starts_with('S') ? kMaxSums : 0, .path = images_folder(channel) + "/" + file};
    }
    return refuse(name, "a registry with these channels has no such file");
  }

  Result<Limit> limit_of_oci(const std::string& name) {
    for (const auto& channel : wanted_->channels) {
      const auto prefix = "oci/" + channel.role + "/";
      if (!name.starts_with(prefix)) continue;
      const auto file = name.substr(prefix.size());
      if (file == "oci-layout" || file == "index.json") return Limit{.most = kMaxIndex};
      constexpr std::string_view kBlobs = "blobs/sha256/";
      if (!file.starts_with(kBlobs)) break;
      const auto digest = Digest::parse(file.substr(kBlobs.size()));
      if (!digest || digest->hex() != file.substr(kBlobs.size())) break;
      if (wanted_->digests.contains(*digest)) return refuse(name, "its bytes are among the targets");
      if (++blobs_ > kBlobsOfRelease * (wanted_->digests.size() + 1))
        return refuse(name, "no registry has so many blobs");
      return Limit{.most = kMaxBlob, .sha256 = *digest};
    }
    return refuse(name, "a registry with these channels has no such file");
  }

  // Its digest is of the plain bytes: it is checked when the disk is made.
  Result<Limit> limit_of_chunk(const std::string& name) {
    if (!chunks_) REBURST_TRY(read_chunks());
    const auto found = chunks_->find(name);
    if (found == chunks_->end()) return refuse(name, "no chunk index of the bundle names it");
    ++seen_chunks_;
    constexpr std::uint64_t kFrame = 4096;  // what does not compress grows a little
    return Limit{.most = found->second + found->second / 64 + kFrame};
  }

  Result<> read_chunks() {
    REBURST_TRY(require_targets());
    chunks_ = REBURST_TRY(want_chunks(into_, *wanted_));
    return {};
  }

  Result<> write(const TarEntry& entry, const Limit& limit) {
    const auto path = into_ / (limit.path.empty() ? entry.name : limit.path);
    REBURST_TRY(make_directories(path.parent_path()));
    Fd file = REBURST_TRY(open_write(path, 0644));
    Hasher hasher;
    for (;;) {
      const auto got = REBURST_TRY(bundle_.read(buffer_));
      if (got == 0) break;
      const auto bytes = std::span(buffer_).first(got);
      if (limit.sha256) hasher.update(bytes);
      REBURST_TRY(write_all(file.get(), bytes, path.string()));
    }
    REBURST_TRY(close_checked(std::move(file), path.string()));
    if (!limit.sha256) return {};
    const auto found = hasher.finish();
    if (found == *limit.sha256) return {};
    return refuse(entry.name,
                  "its SHA-256 is wrong\n  expected: " + limit.sha256->hex() + "\n  found:    " + found.hex());
  }

  Result<> require_targets() {
    if (targets_ == wanted_->targets.size()) return {};
    std::error_code ignored;
    for (const auto& [path, target] : wanted_->targets) {
      if (!fs::exists(into_ / path, ignored)) return refuse(path, "it is not in it");
    }
    return {};
  }

  Result<> require_all() {
    REBURST_TRY(require_targets());
    if (!chunks_) REBURST_TRY(read_chunks());
    if (seen_chunks_ == chunks_->size()) return {};
    std::error_code ignored;
    for (const auto& [path, size] : *chunks_) {
      if (!fs::exists(into_ / path, ignored)) return refuse(path, "it is not in it");
    }
    return {};
  }

  TarReader& bundle_;
  const fs::path& into_;
  const Judge& judge_;
  Progress& progress_;
  std::vector<std::byte> buffer_;
  std::string last_;
  std::uint64_t all_metadata_ = 0;
  std::size_t metadata_files_ = 0, targets_ = 0, blobs_ = 0, seen_chunks_ = 0;
  std::optional<Wanted> wanted_;
  std::optional<std::map<std::string, std::uint64_t>> chunks_;
};

}  // namespace

std::string images_folder(const client::ChannelName& name) {
  return "images/" + name.role + "/." + name.channel + "-imported";
}

Result<Wanted> extract(TarReader& bundle, const fs::path& into, const Judge& judge, Progress& progress) {
  return Extraction(bundle, into, judge, progress).run();
}

}  // namespace reburst::bundle
