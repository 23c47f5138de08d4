#include <set>

#include "core/file.hpp"
#include "core/json.hpp"
#include "registry/release/release.hpp"
#include "registry/repository/check.hpp"
#include "signing/verify/dsse.hpp"

namespace reburst::registry {

namespace {

constexpr std::uint64_t kMaxText = 256U << 20U;
constexpr std::string_view kEnvelope = ".dsse.json";

class ReleaseCheck {
 public:
  ReleaseCheck(CheckRun& run, const CheckedRelease& release) : run_(run), checked_(release) {}

  void check_index() {
    const auto* file = checked_.find(checked_.name(".caibx"));
    if (file == nullptr) return add(checked_.name(".caibx"), "is not among the targets");
    if (file->sha256 != checked_.release.chunk_index) add(*file, "is not the index that \"chunk_index\" names");
  }

  void check_manifest() {
    const auto* file = checked_.find(std::string(kManifestName));
    if (file == nullptr) return add(std::string(kManifestName), "is not among the targets");
    const auto text = content(*file);
    if (!text) return;
    const auto manifest = parse_manifest(*text, file->name);
    if (!manifest) return add(*file, manifest.error().message);
    const auto& release = checked_.release;
    if (manifest->role != release.role || manifest->version != release.version ||
        manifest->architecture != release.architecture)
      add(*file, "is of another release than its targets say");
    if (manifest->root_hash != release.root_hash) add(*file, "names another root hash than its targets");
    for (const auto& artifact : manifest->files) {
      const auto* known = checked_.find(artifact.name);
      if (known == nullptr || known->sha256 != artifact.sha256 || known->size != artifact.size)
        add(*file, "names another \"" + artifact.name + "\" than its targets");
    }
  }

  // What publish() adds is not in it.
  void check_sums() {
    const auto* file = checked_.find(std::string(kSumsName));
    if (file == nullptr) return add(std::string(kSumsName), "is not among the targets");
    const auto text = content(*file);
    if (!text) return;
    for (const auto& each : checked_.release.files) {
      const bool added = each.name.ends_with(kEnvelope) || each.name == checked_.name(".caibx");
      if (added || each.name == kSumsName) continue;
      if (text->find(each.sha256.hex() + "  " + each.name + "\n") == std::string::npos)
        add(*file, "names another \"" + each.name + "\" than its targets");
    }
  }

  void check_root_hash() {
    const auto* disk = checked_.find(checked_.name(".raw"));
    if (disk == nullptr) return add(checked_.name(".raw"), "is not among the targets");
    const auto path = checked_.path(run_.registry(), *disk);
    if (!run_.root_hash || run_.is_faulty(path)) return;
    const auto computed = run_.root_hash(path);
    if (!computed) return add(*disk, "has no root hash: " + computed.error().message);
    if (*computed != checked_.release.root_hash) add(*disk, "has another root hash than the metadata names");
  }

  std::vector<oci::Referrer> check_statements() {
    std::vector<oci::Referrer> out;
    const auto prefix = checked_.name(".");
    for (const auto& file : checked_.release.files) {
      if (!file.name.starts_with(prefix) || !file.name.ends_with(kEnvelope)) continue;
      const auto kind = file.name.substr(prefix.size(), file.name.size() - prefix.size() - kEnvelope.size());
      const auto text = content(file);
      if (!text) continue;
      auto referrer = read_statement(*text, file.name, kind);
      if (referrer) {
        out.push_back(*std::move(referrer));
      } else {
        add(file, referrer.error().message);
      }
    }
    return out;
  }

 private:
  void add(const client::ReleaseFile& file, const std::string& what) {
    run_.add(checked_.path(run_.registry(), file), what);
  }
  void add(const std::string& missing, const std::string& what) {
    const auto& release = checked_.release;
    run_.add(run_.registry() / "targets" / release.role / release.channel / release.version / missing, what);
  }

  // Of a file that check_targets() has found good.
  std::optional<std::string> content(const client::ReleaseFile& file) {
    auto text = read_file(checked_.path(run_.registry(), file), kMaxText);
    if (!text || sha256(*text) != file.sha256) return std::nullopt;
    return *std::move(text);
  }

  Result<oci::Referrer> read_statement(const std::string& text, const std::string& name, const std::string& kind) {
    const auto envelope = REBURST_TRY(signing::parse_envelope(text, name));
    const auto& keys = checked_.statement_keys;
    const auto payload = REBURST_TRY(signing::verify_envelope(envelope, signing::kInTotoType, keys, 1, name));
    const auto statement = REBURST_TRY(parse_json(payload, name));
    REBURST_TRY(check_subjects(statement, name, kind));
    const auto type = REBURST_TRY(json_string(statement, "predicateType", name));
    for (const auto& key : keys) {
      auto bundle = oci::make_bundle(text, key.der());
      if (bundle) return oci::Referrer{kind, type, *std::move(bundle)};
    }
    return fail(ErrorCode::kSignature, "is signed by no key of the channel");
  }

  // The signature is about the OCI manifest alone; what else is said is about the files, the disk among them.
  Result<> check_subjects(const Json& statement, const std::string& name, const std::string& kind) {
    std::set<std::string> digests;
    const auto list = statement.find("subject");
    if (list == statement.end() || !list->is_array()) return fail(ErrorCode::kIntegrity, "has no subject");
    for (const auto& subject : *list) {
      const auto about = REBURST_TRY(json_string(subject, "name", name));
      const auto digest = subject.find("digest");
      const auto hex = digest == subject.end() ? "" : REBURST_TRY(json_string(*digest, "sha256", name));
      const auto* file = checked_.find(about);
      const bool same =
          kind == "signature" ? "sha256:" + hex == checked_.release.oci : file != nullptr && file->sha256.hex() == hex;
      if (!same) return fail(ErrorCode::kIntegrity, "is about another \"" + about + "\" than the metadata names");
      digests.insert(hex);
    }
    const auto* disk = checked_.find(checked_.name(".raw"));
    const bool whole = kind == "signature" ? !digests.empty() : disk != nullptr && digests.contains(disk->sha256.hex());
    return whole ? Result<>() : fail(ErrorCode::kIntegrity, "is not about the release");
  }

  CheckRun& run_;
  const CheckedRelease& checked_;
};

}  // namespace

std::vector<oci::Referrer> check_release(CheckRun& run, const CheckedRelease& release) {
  ReleaseCheck check(run, release);
  check.check_index();
  check.check_manifest();
  check.check_sums();
  check.check_root_hash();
  return check.check_statements();
}

}  // namespace reburst::registry
