#include <algorithm>

#include "core/file.hpp"
#include "core/text.hpp"
#include "registry/release/release.hpp"
#include "registry/repository/check.hpp"
#include "registry/repository/doors.hpp"
#include "registry/repository/openpgp.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxSums = 16U << 20U;
constexpr std::size_t kNameAt = 66;  // after 64 digits and two blanks

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> out;
  for (const auto line : split(text, '\n')) {
    if (!line.empty()) out.emplace(line);
  }
  return out;
}

std::string name_of(const std::string& line) {
  const auto name = line.size() > kNameAt ? line.substr(kNameAt) : "";
  return is_plain_name(name) ? "the \"" + name + "\"" : "something";
}

void compare_sums(CheckRun& run, const fs::path& file, const std::string& shown, const std::string& wanted) {
  if (shown == wanted) return;
  const auto has = lines_of(shown);
  const auto wants = lines_of(wanted);
  const auto faults_before = run.faults.size();
  for (const auto& line : wants) {
    if (!has.contains(line)) run.add(file, "does not name " + name_of(line) + " of the metadata");
  }
  for (const auto& line : has) {
    if (!wants.contains(line)) run.add(file, "names " + name_of(line) + ", which the metadata does not");
  }
  if (run.faults.size() == faults_before) run.add(file, "is not what publish writes");
}

void check_signature(CheckRun& run, const fs::path& folder) {
  const auto signature = folder / "SHA256SUMS.gpg";
  std::error_code ignored;
  if (!fs::exists(signature, ignored)) return run.add(signature, "is not there");
  const auto keyring = find_openpgp_keyring(run.metadata.publisher().keys);
  if (!keyring) {
    run.progress.note("note: the key folder has no openpgp.key.pub, so nobody checks " + signature.string());
    return;
  }
  const auto good = verify_openpgp(folder / kSumsName, signature, *keyring);
  if (!good) run.add(signature, "is not the publisher's signature of SHA256SUMS\n" + good.error().message);
}

void check_files(CheckRun& run, const fs::path& folder, const std::vector<ImageFile>& wanted) {
  std::set<std::string> known = {std::string(kSumsName), "SHA256SUMS.gpg"};
  for (const auto& file : wanted) {
    known.insert(file.name);
    const auto digest = sha256_file(folder / file.name);
    if (!digest || digest->hex() != file.sha256)
      run.add(folder / file.name, digest ? "is not the file that the metadata names" : "is not there");
  }
  std::set<fs::path> strangers;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!known.contains(at->path().filename().string())) strangers.insert(at->path());
  }
  for (const auto& path : strangers) run.add(path, "is shown, and the metadata does not name it");
}

}  // namespace

void check_images(CheckRun& run, const std::string& role, const std::string& channel) {
  const auto folder = run.registry() / "images" / role / channel;
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) {
    // Without an OpenPGP key the door was never made.
    if (find_openpgp_key(run.metadata.publisher().keys)) run.add(folder, "is not there");
    return;
  }
  auto wanted = wanted_images(run.metadata, role, channel);
  if (!wanted) return run.add(folder, wanted.error().message);
  const auto best_before = best_before_name(run.metadata.snapshot_expires());
  const auto sums = read_file(folder / kSumsName, kMaxSums);
  if (sums) {
    compare_sums(run, folder / kSumsName, *sums, image_sums(*wanted, best_before));
    check_signature(run, folder);
  } else {
    run.add(folder / kSumsName, "cannot be read");
  }
  wanted->push_back({best_before, {}, sha256("").hex()});
  check_files(run, folder, *wanted);
}

}  // namespace reburst::registry
