// What tests/functional/oci.sh calls until the program has the verbs:
//   oci_driver bundle ENVELOPE KEY.der               a sigstore bundle on standard output
//   oci_driver add LAYOUT FOLDER TAG…                FOLDER/files/* as layers, FOLDER/bundles/NAME with NAME.type
//   oci_driver tag LAYOUT TAG DIGEST                 oci_driver remove LAYOUT DIGEST…
//   oci_driver check LAYOUT                          "TAG DIGEST" lines
//   oci_driver push LAYOUT TAG DESTINATION [--plain-http] [--user U --password P] [--authorities FILE]
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "registry/oci/layout.hpp"
#include "registry/oci/oci.hpp"

namespace {

using namespace reburst;
using Words = std::vector<std::string>;

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

Result<> bundle(const Words& words) {
  const std::string envelope = REBURST_TRY(read_file(words.at(0), 64U << 20U));
  const std::string key = REBURST_TRY(read_file(words.at(1), 1U << 20U));
  const std::string text = REBURST_TRY(oci::make_bundle(envelope, key));
  std::fputs(text.c_str(), stdout);
  return {};
}

Result<> add(const Words& words) {
  oci::Release release;
  const fs::path folder = words.at(1);
  for (const auto& file : files_of(folder / "files")) {
    const std::string name = file.filename().string();
    release.layers.push_back(
        {file, name, oci::media_type_of(name), fs::file_size(file), REBURST_TRY(sha256_file(file))});
  }
  for (const auto& file : files_of(folder / "bundles")) {
    if (file.extension() == ".type") continue;
    const std::string type = REBURST_TRY(read_file(file.string() + ".type", 1000));
    release.referrers.push_back({file.filename().string(), type, REBURST_TRY(read_file(file, 64U << 20U))});
  }
  release.tags.assign(words.begin() + 2, words.end());
  release.manifest = oci::make_manifest(release.layers, {{"org.opencontainers.image.version", release.tags.at(0)}});
  REBURST_TRY(oci::add_to_layout(words.at(0), release));
  std::puts(oci::digest_text(release.manifest.sha256).c_str());
  return {};
}

Result<> tag(const Words& words) {
  return oci::set_tag(words.at(0), words.at(1), oci::parse_digest(words.at(2)));
}

Result<> remove(const Words& words) {
  std::vector<Digest> digests;
  for (std::size_t i = 1; i < words.size(); ++i) digests.push_back(oci::parse_digest(words[i]).value());
  return oci::remove_from_layout(words.at(0), digests);
}

Result<> check(const Words& words) {
  for (const auto& [tag, digest] : REBURST_TRY(oci::check_layout(words.at(0), 2))) {
    std::printf("%s %s\n", tag.c_str(), oci::digest_text(digest).c_str());
  }
  return {};
}

Result<> push(const Words& words) {
  oci::PushOptions options;
  for (std::size_t i = 3; i < words.size(); ++i) {
    if (words[i] == "--plain-http") options.plain_http = true;
    if (words[i] == "--user") options.user = words.at(i + 1);
    if (words[i] == "--password") options.password = words.at(i + 1);
    if (words[i] == "--authorities") options.authorities = words.at(i + 1);
  }
  const Digest digest = REBURST_TRY(oci::push(words.at(0), words.at(1), words.at(2), options, silent_progress()));
  std::puts(oci::digest_text(digest).c_str());
  return {};
}

Result<> run(const std::string& verb, const Words& words) {
  if (verb == "bundle") return bundle(words);
  if (verb == "add") return add(words);
  if (verb == "tag") return tag(words);
  if (verb == "remove") return remove(words);
  if (verb == "check") return check(words);
  if (verb == "push") return push(words);
  return fail(ErrorCode::kUsage, "no such verb");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const auto done = run(argv[1], Words(argv + 2, argv + argc));
  if (done) return 0;
  std::fprintf(stderr, "oci_driver: error: %s\n", done.error().render().c_str());
  return exit_status(done.error().code);
}
