#include "registry/release/release.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "core/file.hpp"
#include "core/parallel.hpp"
#include "core/text.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxManifest = 64U << 20U;
constexpr std::uint64_t kMaxSums = 1U << 20U;
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDigits = "0123456789";

bool only(std::string_view text, std::string_view set, std::string_view more = {}) {
  return std::all_of(text.begin(), text.end(), [&](char one) {
    return set.find(one) != std::string_view::npos || more.find(one) != std::string_view::npos;
  });
}

tl::unexpected<Error> malformed(std::string_view name, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot read \"" + std::string(name) + "\": " + why);
}

Result<Digest> digest_of(const Json& object, std::string_view key, std::string_view name) {
  const auto text = REBURST_TRY(json_string(object, key, name));
  const auto digest = Digest::parse(text);
  if (!digest) return malformed(name, "\"" + std::string(key) + "\" is no SHA-256");
  return *digest;
}

Result<ReleaseFile> artifact_of(const Json& item, std::string_view name) {
  ReleaseFile out{.name = REBURST_TRY(json_string(item, "name", name)),
                  .kind = REBURST_TRY(json_string(item, "kind", name)),
                  .size = REBURST_TRY(json_unsigned(item, "size", name)),
                  .sha256 = REBURST_TRY(digest_of(item, "sha256", name))};
  if (!is_plain_name(out.name)) return malformed(name, "the artifact name \"" + out.name + "\" is not plain");
  return out;
}

// "<64 hex>  <name>", one a line, as sha256sum(1) writes it.
Result<std::map<std::string, Digest>> parse_sums(std::string_view text, const std::string& name) {
  std::map<std::string, Digest> out;
  for (const auto line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto digest = Digest::parse(line.substr(0, 64));
    const bool good = digest && line.size() > 66 && line.substr(64, 2) == "  " && is_plain_name(line.substr(66));
    if (!good) return malformed(name, "the line \"" + std::string(line) + "\" is no checksum of a file");
    if (!out.emplace(line.substr(66), *digest).second) return malformed(name, "a file stands there twice");
  }
  return out;
}

// What is on the disk, and equal to what is written about it.
Result<ReleaseFile> read_file_facts(const fs::path& folder, const std::string& name, const Digest& expected) {
  const auto path = folder / name;
  std::error_code error;
  ReleaseFile out{.name = name, .kind = {}, .size = fs::file_size(path, error), .sha256 = {}};
  if (error) {
    return fail(ErrorCode::kMissing, "\"" + path.string() + "\" is not there, and SHA256SUMS names it",
                "build the role again");
  }
  out.sha256 = REBURST_TRY(sha256_file(path));
  if (out.sha256 == expected) return out;
  return fail(ErrorCode::kIntegrity,
              "\"" + path.string() + "\" is not the file that SHA256SUMS names\n  expected: " + expected.hex() +
                  "\n  found:    " + out.sha256.hex(),
              "build the role again");
}

Result<> require_same(const ReleaseFile& artifact, const ReleaseFile& file, const fs::path& folder) {
  if (artifact.size == file.size && artifact.sha256 == file.sha256) return {};
  return fail(ErrorCode::kIntegrity,
              "\"" + (folder / file.name).string() + "\" is not the artifact that manifest.json names",
              "build the role again");
}

struct Hashed {
  std::vector<ReleaseFile> files;
  std::optional<Result<Digest>> root_hash;  // of the disk, where there is one
};

// The disk's digest is one long chain: it and its root hash come first, all else finds its time beside the chain.
Result<Hashed> hash_files(const fs::path& folder, const std::map<std::string, Digest>& sums, const ReleaseFile* disk,
                          const RootHash& root_hash, std::size_t jobs) {
  std::vector<std::pair<std::string, Digest>> listed(sums.begin(), sums.end());
  const auto is_disk = [&](const auto& one) { return disk != nullptr && one.first == disk->name; };
  std::stable_partition(listed.begin(), listed.end(), is_disk);
  Hashed out;
  out.files.resize(listed.size());
  REBURST_TRY(parallel_for(jobs, listed.size() + 1, [&](std::size_t i) -> Result<> {
    if (i > 0) {
      out.files[i - 1] = REBURST_TRY(read_file_facts(folder, listed[i - 1].first, listed[i - 1].second));
    } else if (disk != nullptr) {
      out.root_hash = root_hash(folder / disk->name);
    }
    return {};
  }));
  return out;
}

// The manifest of a build that went wrong, or that somebody has edited, may name another.
Result<> require_root_hash(const fs::path& disk, const Digest& expected, const Result<Digest>& computed) {
  if (computed && *computed == expected) return {};
  if (!computed && computed.error().code != ErrorCode::kIntegrity) return tl::unexpected(computed.error());
  if (!computed) {
    return fail(ErrorCode::kIntegrity,
                "\"" + disk.string() + "\" is no disk that can be published: " + computed.error().message,
                "build the role again");
  }
  return fail(ErrorCode::kIntegrity,
              "\"" + disk.string() +
                  "\" is not the disk that manifest.json names: its root hash differs\n  expected: " + expected.hex() +
                  "\n  found:    " + computed->hex(),
              "build the role again");
}

}  // namespace

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 200 && name[0] != '.' && name[0] != '-' &&
         only(name, kLower, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+~");
}

bool is_version(std::string_view text) {
  return text.size() == 16 && text[8] == 'T' && text[15] == 'Z' && only(text.substr(0, 8), kDigits) &&
         only(text.substr(9, 6), kDigits);
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 64 && only(text.substr(0, 1), kLower) && only(text, kLower, "0123456789-");
}

Result<Release> parse_manifest(std::string_view text, std::string_view name) {
  const Json json = REBURST_TRY(parse_json(text, name));
  if (REBURST_TRY(json_unsigned(json, "manifest", name)) != 1) {
    return fail(ErrorCode::kIntegrity, "\"" + std::string(name) + "\" is a manifest of another version than 1",
                "use the reburst that wrote it, or a newer one");
  }
  Release out{.role = REBURST_TRY(json_string(json, "role", name)),
              .version = REBURST_TRY(json_string(json, "version", name)),
              .architecture = REBURST_TRY(json_string(json, "architecture", name)),
              .root_hash = REBURST_TRY(digest_of(json, "root_hash", name)),
              .lock = REBURST_TRY(digest_of(json, "lock_sha256", name)),
              .files = {}};
  if (!is_label(out.role)) return malformed(name, "\"role\" is no role's name");
  if (!is_version(out.version)) return malformed(name, "\"version\" is no version");
  if (!is_label(out.architecture)) return malformed(name, "\"architecture\" is no architecture");
  const auto artifacts = json.find("artifacts");
  if (artifacts == json.end() || !artifacts->is_array()) return malformed(name, "it has no \"artifacts\"");
  for (const auto& item : *artifacts) out.files.push_back(REBURST_TRY(artifact_of(item, name)));
  std::sort(out.files.begin(), out.files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto twice = std::adjacent_find(out.files.begin(), out.files.end(),
                                        [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice != out.files.end()) return malformed(name, "the artifact \"" + twice->name + "\" stands there twice");
  return out;
}

Result<Release> read_release(const fs::path& folder, const RootHash& root_hash, std::size_t jobs) {
  const auto manifest_path = folder / kManifestName;
  auto release =
      REBURST_TRY(parse_manifest(REBURST_TRY(read_file(manifest_path, kMaxManifest)), manifest_path.string()));
  const auto sums_text = REBURST_TRY(read_file(folder / kSumsName, kMaxSums));
  const auto sums = REBURST_TRY(parse_sums(sums_text, (folder / kSumsName).string()));
  const auto* disk = find_kind(release, "disk");
  auto [files, computed] = REBURST_TRY(hash_files(folder, sums, disk, root_hash, jobs));
  for (const auto& artifact : release.files) {
    const auto found =
        std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.name == artifact.name; });
    if (found == files.end()) return malformed((folder / kSumsName).string(), "it does not name " + artifact.name);
    REBURST_TRY(require_same(artifact, *found, folder));
    found->kind = artifact.kind;
  }
  if (disk != nullptr) REBURST_TRY(require_root_hash(folder / disk->name, release.root_hash, *computed));
  files.push_back({.name = std::string(kSumsName), .kind = {}, .size = sums_text.size(), .sha256 = sha256(sums_text)});
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  release.files = std::move(files);
  return release;
}

const ReleaseFile* find_kind(const Release& release, std::string_view kind) {
  const auto found =
      std::find_if(release.files.begin(), release.files.end(), [&](const auto& file) { return file.kind == kind; });
  return found == release.files.end() ? nullptr : &*found;
}

std::string make_statement(const std::vector<ReleaseFile>& subjects, std::string_view predicate_type,
                           const Json& predicate) {
  Json list = Json::array();
  for (const auto& file : subjects) list.push_back({{"name", file.name}, {"digest", {{"sha256", file.sha256.hex()}}}});
  return canonical_json({{"_type", "https://in-toto.io/Statement/v1"},
                         {"subject", std::move(list)},
                         {"predicateType", std::string(predicate_type)},
                         {"predicate", predicate}});
}

}  // namespace reburst::registry
