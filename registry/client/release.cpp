#include "registry/client/release.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "core/text.hpp"
#include "registry/release/layout.hpp"
#include "registry/release/release.hpp"

namespace reburst::client {

namespace {

constexpr std::string_view kHistory = "history.jsonl";
constexpr std::array<std::string_view, 8> kMembers{"architecture", "chunk_index", "inside",         "oci",
                                                   "role",         "root_hash",   "security_epoch", "version"};
constexpr std::size_t kMaxInside = 64;

tl::unexpected<Error> refuse(const std::string& path, const std::string& why) {
  return fail(ErrorCode::kIntegrity, "cannot accept the target \"" + path + "\": " + why,
              "the registry is damaged, or was written by another version of Reburst: ask its keeper");
}

Result<Digest> read_digest(const std::string& hex, const std::string& path, const std::string& member) {
  const auto digest = Digest::parse(hex);
  if (digest && digest->hex() == hex) return *digest;
  return refuse(path, "\"" + member + "\" is no SHA-256 in lower case");
}

Result<std::string> text_member(const Json& custom, const char* key, const std::string& path) {
  return json_string(custom, key, path);
}

Result<std::map<std::string, std::uint64_t>> read_inside(const Json& inside, const std::string& path) {
  std::map<std::string, std::uint64_t> out;
  if (!inside.is_object() || inside.size() > kMaxInside) return refuse(path, "\"inside\" is no list of places");
  for (const auto& [name, offset] : inside.items()) {
    if (!registry::is_plain_name(name)) return refuse(path, "\"inside\" names what is not a plain name");
    out[name] = REBURST_TRY(json_unsigned(inside, name, path));
  }
  return out;
}

Result<ChannelRelease> read_custom(const Json& custom, const std::string& path) {
  for (const auto& [key, value] : custom.items()) {
    if (std::find(kMembers.begin(), kMembers.end(), key) == kMembers.end())
      return refuse(path, "its \"custom\" has an unknown member");
  }
  ChannelRelease out;
  out.role = REBURST_TRY(text_member(custom, "role", path));
  out.version = REBURST_TRY(text_member(custom, "version", path));
  out.architecture = REBURST_TRY(text_member(custom, "architecture", path));
  out.security_epoch = REBURST_TRY(json_unsigned(custom, "security_epoch", path));
  out.root_hash = REBURST_TRY(read_digest(REBURST_TRY(text_member(custom, "root_hash", path)), path, "root_hash"));
  out.chunk_index =
      REBURST_TRY(read_digest(REBURST_TRY(text_member(custom, "chunk_index", path)), path, "chunk_index"));
  out.oci = REBURST_TRY(text_member(custom, "oci", path));
  if (!out.oci.starts_with("sha256:")) return refuse(path, "\"oci\" is no \"sha256:\" digest");
  REBURST_TRY(read_digest(out.oci.substr(7), path, "oci"));
  if (custom.contains("inside")) out.inside = REBURST_TRY(read_inside(custom.at("inside"), path));
  if (!registry::is_plain_name(out.architecture)) return refuse(path, "its architecture is not a plain name");
  return out;
}

// "web/stable/VERSION/FILE", or the channel's history.
struct Place {
  std::string version, file;
  bool history = false;
};

Result<Place> read_path(const std::string& path, std::string_view role, std::string_view channel) {
  const auto parts = split(path, '/');
  if (parts.size() < 3 || parts.size() > 4 || parts[0] != role || parts[1] != channel) {
    return refuse(path, "it leaves the channel \"" + std::string(role) + "/" + std::string(channel) + "\"");
  }
  if (parts.size() == 3) {
    if (parts[2] != kHistory) return refuse(path, "it belongs to no release");
    return Place{{}, {}, true};
  }
  if (!registry::is_plain_name(parts[2])) return refuse(path, "its version is not a plain name");
  if (!registry::is_plain_name(parts[3])) return refuse(path, "its file is not a plain name");
  return Place{std::string(parts[2]), std::string(parts[3]), false};
}

}  // namespace

bool same_release(const ChannelRelease& a, const ChannelRelease& b) {
  const auto facts = [](const ChannelRelease& one) {
    return std::tie(one.role, one.version, one.architecture, one.root_hash, one.oci, one.chunk_index, one.inside,
                    one.files);
  };
  return facts(a) == facts(b);
}

Result<std::vector<ChannelRelease>> releases_of(const tuf::Targets& targets, std::string_view role,
                                                std::string_view channel) {
  std::map<std::string, std::pair<const Json*, ChannelRelease>> releases;  // by version
  for (const auto& [path, target] : targets.targets) {
    const Place place = REBURST_TRY(read_path(path, role, channel));
    if (place.history) continue;
    auto& [custom, release] = releases[place.version];
    if (custom == nullptr) {
      release = REBURST_TRY(read_custom(target.custom, path));
      custom = &target.custom;
      release.channel = channel;
      if (release.role != role) return refuse(path, "its \"custom\" is of another role");
      if (release.version != place.version) return refuse(path, "its \"custom\" is of another version");
    }
    if (*custom != target.custom) return refuse(path, "its \"custom\" differs from that of the release's other files");
    const ReleaseFile file{place.file, target.length, target.sha256};
    const auto from = registry::delta_from(place.file, role, place.version);
    if (from && !registry::is_plain_name(*from)) return refuse(path, "it is a delta from what is not a plain name");
    if (from)
      release.deltas.push_back({*from, file});
    else
      release.files.push_back(file);
  }
  std::vector<ChannelRelease> out;
  for (auto& [version, release] : releases) out.push_back(std::move(release.second));
  return out;
}

}  // namespace reburst::client
