// SHA256SUMS as sha256sum(1) writes and reads it: "<64 hex>  <name>", one a line, sorted by name.
#include <algorithm>
#include <map>

#include "builder/describe/manifest.hpp"
#include "core/file.hpp"
#include "core/parallel.hpp"
#include "core/text.hpp"

namespace reburst::describe {

namespace {

constexpr std::uint64_t kMaxSums = 1U << 20U;

struct Entry {
  std::string name;
  Digest digest;
};

Result<std::vector<Entry>> parse_sums(std::string_view text) {
  std::vector<Entry> out;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto digest = Digest::parse(line.substr(0, 64));
    if (!digest || line.size() < 67 || line.substr(64, 2) != "  " || line.find('/') != std::string_view::npos) {
      return fail(ErrorCode::kIntegrity,
                  "cannot read a line of \"" + std::string(kSumsName) + "\": \"" + std::string(line) + "\"");
    }
    out.push_back({std::string(line.substr(66)), *digest});
  }
  return out;
}

constexpr const char* kRebuild = "the release is not as it was built: build it again, or fetch it again";

tl::unexpected<Error> differs(const fs::path& path, const std::string& what, const std::string& expected,
                              const std::string& actual) {
  return fail(ErrorCode::kIntegrity,
              "\"" + path.string() + "\" has the wrong " + what + "\n  expected " + expected + "\n  actual   " + actual,
              kRebuild);
}

// Sizes tell at once of a file that was cut short.
Result<> check_artifacts(const fs::path& folder, const Manifest& manifest, const std::vector<Entry>& entries) {
  for (const auto& artifact : manifest.artifacts) {
    const auto listed = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
      return entry.name == artifact.name && entry.digest == artifact.sha256;
    });
    if (listed == entries.end()) {
      return fail(ErrorCode::kIntegrity,
                  "\"" + (folder / kSumsName).string() + "\" does not list \"" + artifact.name +
                      "\" with the manifest's SHA-256, " + artifact.sha256.hex(),
                  kRebuild);
    }
    std::error_code missing;
    const auto path = folder / artifact.name;
    const auto size = fs::file_size(path, missing);
    if (!missing && size != artifact.size)
      return differs(path, "size", std::to_string(artifact.size) + " bytes", std::to_string(size) + " bytes");
  }
  return {};
}

}  // namespace

Result<> check_release(const fs::path& folder, const Manifest& manifest, std::size_t jobs) {
  auto text = read_file(folder / kSumsName, kMaxSums);
  if (!text && text.error().code == ErrorCode::kMissing) text.error().hint = kRebuild;
  const auto entries = REBURST_TRY(parse_sums(REBURST_TRY(std::move(text))));
  REBURST_TRY(check_artifacts(folder, manifest, entries));
  // The first of them is told, whichever thread sees its fault first.
  std::vector<Result<>> checked(entries.size());
  REBURST_TRY(parallel_for(jobs, entries.size(), [&](std::size_t i) -> Result<> {
    const auto path = folder / entries[i].name;
    checked[i] = [&]() -> Result<> {
      std::error_code missing;
      if (!fs::is_regular_file(path, missing))
        return fail(ErrorCode::kMissing, "\"" + path.string() + "\" is not there, and SHA256SUMS names it", kRebuild);
      const auto digest = REBURST_TRY(sha256_file(path));
      if (digest != entries[i].digest) return differs(path, "SHA-256", entries[i].digest.hex(), digest.hex());
      return {};
    }();
    return {};
  }));
  for (auto& result : checked) REBURST_TRY(std::move(result));
  return {};
}

Result<> write_descriptions(const std::filesystem::path& folder, const Manifest& manifest, const lock::Lock& lock) {
  const std::string manifest_text = to_text(manifest);
  const std::string lock_text = lock::to_text(lock);
  const std::string lock_name = manifest.role + ".lock";
  REBURST_TRY(write_file_atomic(folder / kManifestName, manifest_text));
  REBURST_TRY(write_file_atomic(folder / lock_name, lock_text));
  std::map<std::string, Digest> sums = {{std::string(kManifestName), sha256(manifest_text)},
                                        {lock_name, sha256(lock_text)}};
  for (const auto& artifact : manifest.artifacts) sums[artifact.name] = artifact.sha256;
  std::string text;
  for (const auto& [name, digest] : sums) text += digest.hex() + "  " + name + "\n";
  return write_file_atomic(folder / kSumsName, text);
}

Result<bool> matches(const std::filesystem::path& folder, const Digest& sums, std::size_t jobs) {
  std::error_code ignored;
  if (!fs::is_regular_file(folder / kSumsName, ignored)) return false;
  const std::string text = REBURST_TRY(read_file(folder / kSumsName, kMaxSums));
  if (sha256(text) != sums) return false;
  const auto entries = REBURST_TRY(parse_sums(text));
  std::vector<char> equal(entries.size(), 0);
  REBURST_TRY(parallel_for(jobs, entries.size(), [&](std::size_t i) -> Result<> {
    const auto path = folder / entries[i].name;
    std::error_code missing;
    if (!fs::is_regular_file(path, missing)) return {};
    equal[i] = REBURST_TRY(sha256_file(path)) == entries[i].digest ? 1 : 0;
    return {};
  }));
  return std::all_of(equal.begin(), equal.end(), [](char one) { return one != 0; });
}

}  // namespace reburst::describe
