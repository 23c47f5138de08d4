#include "registry/client/verify.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>

#include "core/file.hpp"
#include "core/json.hpp"
#include "core/parallel.hpp"
#include "registry/client/files.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"
#include "signing/verify/dsse.hpp"

namespace reburst::client {

namespace {

constexpr std::uint64_t kMaxManifest = 64U << 20U;
constexpr std::uint64_t kMaxEnvelope = 64U << 20U;
constexpr std::size_t kMaxKeys = 256;

tl::unexpected<Error> differs(const fs::path& file, const std::string& what, const std::string& expected,
                              const std::string& found) {
  return fail(ErrorCode::kIntegrity,
              "\"" + file.string() + "\" is not the file of the release: its " + what +
                  " differs\n  expected: " + expected + "\n  found:    " + found,
              "pull the release again");
}

Result<> check_file(const fs::path& path, const ReleaseFile& file, Progress& progress) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error && is_description(file.name)) return {};  // pull leaves them out
  if (error)
    return fail(ErrorCode::kMissing, "the release's file \"" + path.string() + "\" is not there", "pull it again");
  if (size != file.size) return differs(path, "length", std::to_string(file.size), std::to_string(size));
  const auto digest = REBURST_TRY(sha256_file(path));
  progress.advance(size);
  if (digest != file.sha256) return differs(path, "SHA-256", file.sha256.hex(), digest.hex());
  return {};
}

const ReleaseFile* find_file(const ChannelRelease& release, std::string_view name) {
  const auto found =
      std::find_if(release.files.begin(), release.files.end(), [&](const auto& file) { return file.name == name; });
  return found == release.files.end() ? nullptr : &*found;
}

Result<registry::Release> check_manifest(const ChannelRelease& release, const fs::path& folder) {
  const auto path = folder / registry::kManifestName;
  if (find_file(release, registry::kManifestName) == nullptr)
    return fail(ErrorCode::kIntegrity, "the release has no manifest.json among its targets");
  auto manifest = REBURST_TRY(registry::parse_manifest(REBURST_TRY(read_file(path, kMaxManifest)), path.string()));
  if (manifest.role != release.role) return differs(path, "role", release.role, manifest.role);
  if (manifest.version != release.version) return differs(path, "version", release.version, manifest.version);
  if (manifest.architecture != release.architecture)
    return differs(path, "architecture", release.architecture, manifest.architecture);
  if (manifest.root_hash != release.root_hash)
    return differs(path, "root hash", release.root_hash.hex(), manifest.root_hash.hex());
  for (const auto& artifact : manifest.files) {
    const auto* file = find_file(release, artifact.name);
    if (file == nullptr || file->sha256 != artifact.sha256 || file->size != artifact.size) {
      return fail(ErrorCode::kIntegrity,
                  "manifest.json and the signed metadata name different files as \"" + artifact.name + "\"",
                  "tell the publisher: this release is not consistent");
    }
  }
  return manifest;
}

// The statement's subjects are the release's files, by digest.
Result<> check_subjects(const Json& statement, const registry::Release& manifest, const std::string& name) {
  std::set<std::string> subjects;
  const auto list = statement.find("subject");
  if (list != statement.end() && list->is_array()) {
    for (const auto& subject : *list) {
      const auto digest = subject.is_object() ? subject.find("digest") : subject.end();
      if (subject.is_object() && digest != subject.end() && digest->is_object())
        subjects.insert(REBURST_TRY(json_string(*digest, "sha256", name)));
    }
  }
  for (const auto& artifact : manifest.files) {
    if (subjects.contains(artifact.sha256.hex())) continue;
    return fail(ErrorCode::kIntegrity,
                "\"" + name + "\" is not about this release: \"" + artifact.name + "\" is not among its subjects",
                "tell the publisher: this release is not consistent");
  }
  return {};
}

Result<> check_provenance(const registry::Release& manifest, const fs::path& folder,
                          const std::vector<signing::PublicKey>& keys) {
  const auto path = folder / registry::file_name(manifest.role, manifest.version, ".provenance.dsse.json");
  const auto name = path.string();
  const auto envelope = REBURST_TRY(signing::parse_envelope(REBURST_TRY(read_file(path, kMaxEnvelope)), name));
  const auto payload = REBURST_TRY(signing::verify_envelope(envelope, signing::kInTotoType, keys, 1, name));
  const auto statement = REBURST_TRY(parse_json(payload, name));
  const auto type = REBURST_TRY(json_string(statement, "predicateType", name));
  if (type != "https://slsa.dev/provenance/v1")
    return differs(path, "predicate type", "https://slsa.dev/provenance/v1", type);
  return check_subjects(statement, manifest, name);
}

// Every file of the release; the disk is the one at `disk`.
Result<> check_all(const ChannelRelease& release, const fs::path& folder, const fs::path& disk,
                   const std::vector<signing::PublicKey>& statement_keys, const RootHash& root_hash, std::size_t jobs,
                   Progress& progress) {
  std::uint64_t total = 0;
  for (const auto& file : release.files) total += file.size;
  progress.begin("verify", total, Progress::Unit::kBytes);
  const auto name = disk_file(release);
  // The disk's digest is one long chain: it and its verity tree come first, all else finds its time beside the chain.
  auto by_size = release.files;
  std::stable_sort(by_size.begin(), by_size.end(), [](const auto& a, const auto& b) { return a.size > b.size; });
  std::optional<Result<Digest>> found;  // its verdict is asked for last
  REBURST_TRY(parallel_for(jobs, by_size.size() + 1, [&](std::size_t i) -> Result<> {
    if (i > 0) {
      const auto& file = by_size[i - 1];
      return file.name == name ? check_disk(disk, file, progress) : check_file(folder / file.name, file, progress);
    }
    found = root_hash(disk);
    return {};
  }));
  const auto manifest = REBURST_TRY(check_manifest(release, folder));
  REBURST_TRY(check_provenance(manifest, folder, statement_keys));
  const auto computed = REBURST_TRY(*std::move(found));
  if (computed != release.root_hash) return differs(disk, "root hash", release.root_hash.hex(), computed.hex());
  return {};
}

// Of a device's first bytes.
Result<Digest> sha256_of(int fd, std::uint64_t size, const std::string& name) {
  constexpr std::uint64_t kPiece = 1U << 20U;
  Hasher hasher;
  std::vector<std::byte> piece(kPiece);
  for (std::uint64_t at = 0; at < size; at += kPiece) {
    const auto part = std::span(piece).first(std::min(kPiece, size - at));
    REBURST_TRY(read_at(fd, at, part, name));
    hasher.update(part);
  }
  return hasher.finish();
}

}  // namespace

std::string disk_file(const ChannelRelease& release) {
  return registry::file_name(release.role, release.version, ".raw");
}

Result<> check_disk(const fs::path& disk, const ReleaseFile& file, Progress& progress) {
  std::error_code error;
  if (!fs::is_block_file(disk, error)) return check_file(disk, file, progress);
  const auto fd = REBURST_TRY(open_read(disk));
  const auto size = ::lseek(fd.get(), 0, SEEK_END);
  if (size < 0) return fail(system_error("cannot tell the size of \"" + disk.string() + "\"", errno));
  if (static_cast<std::uint64_t>(size) < file.size)
    return differs(disk, "length", std::to_string(file.size), std::to_string(size));
  const auto digest = REBURST_TRY(sha256_of(fd.get(), file.size, disk.string()));
  progress.advance(file.size);
  if (digest != file.sha256) return differs(disk, "SHA-256", file.sha256.hex(), digest.hex());
  return {};
}

Result<VerifiedRelease> verify_release(const ChannelRelease& release, const fs::path& folder,
                                       const std::vector<signing::PublicKey>& statement_keys, const RootHash& root_hash,
                                       std::size_t jobs, Progress& progress) {
  REBURST_TRY(check_all(release, folder, folder / disk_file(release), statement_keys, root_hash, jobs, progress));
  return VerifiedRelease(release, folder);
}

Result<> verify_disk(const ChannelRelease& release, const fs::path& folder, const fs::path& disk,
                     const std::vector<signing::PublicKey>& statement_keys, const RootHash& root_hash, std::size_t jobs,
                     Progress& progress) {
  return check_all(release, folder, disk, statement_keys, root_hash, jobs, progress);
}

Result<std::vector<signing::PublicKey>> statement_keys(const tuf::Targets& targets, const std::string& role,
                                                       const std::string& channel) {
  const auto path = registry::history_path(role, channel);
  std::vector<signing::PublicKey> out;
  const auto found = targets.targets.find(path);
  const auto keys = found == targets.targets.end() ? Json() : found->second.custom.value("keys", Json());
  if (!keys.is_array() || keys.size() > kMaxKeys)
    return fail(ErrorCode::kIntegrity, "the metadata of \"" + path + "\" lists no statement keys");
  for (const auto& key : keys) out.push_back(REBURST_TRY(signing::PublicKey::from_tuf(key, path)));
  return out;
}

}  // namespace reburst::client
