#include "registry/repository/parcel.hpp"

#include "core/file.hpp"
#include "registry/oci/oci.hpp"
#include "registry/release/file_list.hpp"
#include "registry/release/layout.hpp"
#include "registry/repository/attest.hpp"
#include "registry/repository/inside.hpp"

namespace reburst::registry {

namespace {

Result<> add_text(Parcel& parcel, const fs::path& staging, const std::string& name, const std::string& text) {
  REBURST_TRY(write_file_atomic(staging / name, text));
  parcel.release.files.push_back({.name = name, .kind = {}, .size = text.size(), .sha256 = sha256(text)});
  parcel.paths.push_back(staging / name);
  return {};
}

// "web_20261121T161027Z.caibx"
std::string name_of(const Release& release, const std::string& suffix) {
  return file_name(release.role, release.version, suffix);
}

Result<> add_chunks(Parcel& parcel, const fs::path& folder, const ParcelOptions& options, Progress& progress) {
  const auto* disk = find_kind(parcel.release, "disk");
  if (disk == nullptr) {
    return fail(ErrorCode::kIntegrity, "the release \"" + folder.string() + "\" has no disk image",
                "build the role with a kernel, or with this version of reburst");
  }
  const auto* list = find_kind(parcel.release, "files");
  const auto boundaries = list == nullptr ? chunks::Boundaries() : REBURST_TRY(read_boundaries(folder / list->name));
  const auto image = folder / disk->name;
  const auto index = REBURST_TRY(chunks::cut(image, boundaries, options.jobs, progress));
  parcel.stored = REBURST_TRY(chunks::store_chunks(index, image, options.store, options.jobs, progress));
  const auto text = chunks::to_bytes(index);
  parcel.chunk_index = sha256(text);
  return add_text(parcel, options.staging, name_of(parcel.release, ".caibx"), text);
}

oci::Release oci_release(const Parcel& parcel) {
  const auto& release = parcel.release;
  oci::Release out;
  for (std::size_t i = 0; i < release.files.size(); ++i) {
    const auto& file = release.files[i];
    out.layers.push_back({parcel.paths[i], file.name, oci::media_type_of(file.name), file.size, file.sha256});
  }
  out.manifest = oci::make_manifest(out.layers, {{"org.opencontainers.image.title", release.role},
                                                 {"org.opencontainers.image.version", release.version},
                                                 {"org.reburst.architecture", release.architecture},
                                                 {"org.reburst.root-hash", release.root_hash.hex()}});
  return out;
}

}  // namespace

Result<Parcel> make_parcel(Release release, const fs::path& folder, const signing::Signer& signer,
                           const ParcelOptions& options, Progress& progress) {
  Parcel parcel{
      .release = std::move(release), .paths = {}, .chunk_index = {}, .oci_manifest = {}, .inside = {}, .stored = {}};
  for (const auto& file : parcel.release.files) parcel.paths.push_back(folder / file.name);
  REBURST_TRY(add_chunks(parcel, folder, options, progress));
  parcel.inside = REBURST_TRY(find_inside(parcel.release, folder));

  auto image = oci_release(parcel);
  parcel.oci_manifest = image.manifest.sha256;
  auto attestations = REBURST_TRY(attest(folder, parcel.release, options.builder_id, signer));
  attestations.push_back(REBURST_TRY(sign_manifest(parcel.release.role, parcel.oci_manifest, signer)));
  for (const auto& one : attestations) {
    auto bundle = REBURST_TRY(oci::make_bundle(one.envelope, signer.public_key().der()));
    image.referrers.push_back({one.name, one.predicate_type, std::move(bundle)});
    REBURST_TRY(
        add_text(parcel, options.staging, name_of(parcel.release, "." + one.name + ".dsse.json"), one.envelope));
  }
  REBURST_TRY(oci::add_to_layout(options.layout, image));
  return parcel;
}

Json custom_of(const Parcel& parcel, std::uint64_t security_epoch) {
  return {{"role", parcel.release.role},
          {"architecture", parcel.release.architecture},
          {"version", parcel.release.version},
          {"security_epoch", security_epoch},
          {"root_hash", parcel.release.root_hash.hex()},
          {"oci", "sha256:" + parcel.oci_manifest.hex()},
          {"chunk_index", parcel.chunk_index.hex()},
          {"inside", parcel.inside}};
}

}  // namespace reburst::registry
