#include "signing/sign/key_folder.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/file.hpp"
#include "signing/sign/private_key.hpp"
#include "signing/verify/members.hpp"
#include "signing/verify/tuf_metadata.hpp"

namespace reburst::signing {

namespace {

constexpr std::string_view kFile = "keys.json";
constexpr std::size_t kMaxFile = 1U << 20U;
constexpr std::size_t kMaxRoles = 1024;
constexpr std::size_t kMaxKeys = 64;
constexpr std::size_t kMaxDepth = 8;
constexpr unsigned kMaxDays = 3650;
constexpr std::array kTopRoles = {"root", "targets", "snapshot", "timestamp"};

Document keys_document(const fs::path& file) {
  return {ErrorCode::kUsage, "the key list \"" + file.string() + "\"", "docs/formats/keys.md has its form"};
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.size() < 256 && name.find('/') == std::string_view::npos;
}

Result<std::vector<std::string>> read_keys(const Document& document, Members& members) {
  const Json* list = REBURST_TRY(members.list("keys", kMaxKeys));
  const auto place = members.place("keys");
  std::vector<std::string> out;
  for (const auto& entry : *list) {
    if (!entry.is_string() || has_control(entry.get_ref<const std::string&>())) {
      return document.refuse(place, "it holds something that is no name");
    }
    auto name = entry.get<std::string>();
    const auto shown = "\"" + key_name(name) + "\"";
    if (!is_token_key(name) && !is_file_name(name)) {
      return document.refuse(place, shown + " is neither a file of this folder nor a \"pkcs11:\" URI");
    }
    if (std::find(out.begin(), out.end(), name) != out.end()) return document.refuse(place, shown + " stands twice");
    out.push_back(std::move(name));
  }
  if (out.empty()) return document.refuse(place, "there is none");
  return out;
}

Result<RoleSetup> read_setup(const Document& document, const Json& json, const std::string& place) {
  Members members(document, json, place);
  RoleSetup out;
  out.keys = REBURST_TRY(read_keys(document, members));
  out.threshold = static_cast<unsigned>(REBURST_TRY(members.number("threshold", 1, out.keys.size())));
  out.expires_days = static_cast<unsigned>(REBURST_TRY(members.number("expires_days", 1, kMaxDays)));
  REBURST_TRY(members.finish());
  return out;
}

Result<> read_roles(const Document& document, const Json& roles, KeyFolder& out) {
  for (const auto& [name, setup] : roles.items()) {
    const bool top = std::find(kTopRoles.begin(), kTopRoles.end(), name) != kTopRoles.end();
    if (!top && !tuf::is_delegated_name(name)) {
      return document.refuse("roles", "\"" + name + "\" cannot be the name of a role");
    }
    out.roles[name] = REBURST_TRY(read_setup(document, setup, "roles." + name));
  }
  for (const auto* name : {"root", "targets", "snapshot", "timestamp", "channel"}) {
    if (!out.roles.contains(name)) return document.refuse(std::string("roles.") + name, "it is missing");
  }
  return {};
}

Result<KeyFolder> parse(std::string_view text, const fs::path& path) {
  const Document document = keys_document(path / kFile);
  const Json json = REBURST_TRY(parse_json(text, (path / kFile).string(), kMaxDepth));
  Members members(document, json, "");
  const auto format = REBURST_TRY(members.number("keys"));
  if (format != 1) {
    return document.refuse("keys", "its format is " + std::to_string(format) + ", and this program reads format 1");
  }
  KeyFolder out;
  out.path = path;
  out.development = REBURST_TRY(members.flag("development"));
  if (members.has("pkcs11_module")) out.pkcs11_module = REBURST_TRY(members.text("pkcs11_module"));
  REBURST_TRY(read_roles(document, *REBURST_TRY(members.object("roles", kMaxRoles)), out));
  REBURST_TRY(members.finish());
  return out;
}

Json to_json(const KeyFolder& folder) {
  Json roles = Json::object();
  for (const auto& [name, setup] : folder.roles) {
    roles[name] = {{"expires_days", setup.expires_days}, {"keys", setup.keys}, {"threshold", setup.threshold}};
  }
  Json out = {{"development", folder.development}, {"keys", 1U}, {"roles", roles}};
  if (!folder.pkcs11_module.empty()) out["pkcs11_module"] = folder.pkcs11_module;
  return out;
}

// Who can change keys.json decides who signs. The private keys in it are checked one by one.
Result<> check_folder(const fs::path& path) {
  struct stat status {};
  const bool open = ::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  if (!open) return {};
  return fail(ErrorCode::kEnvironment,
              "cannot use the key folder \"" + path.string() + "\": other users may change what is in it",
              "chmod go-w \"" + path.string() + "\", after a look at what keys.json says");
}

// A rename takes the place of an empty folder and of no other.
Result<> place_folder(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return sync_directory(to.parent_path());
  if (errno != ENOTEMPTY && errno != EEXIST && errno != ENOTDIR) {
    return fail(system_error("cannot create the key folder \"" + to.string() + "\"", errno));
  }
  return fail(ErrorCode::kUsage, "cannot create development keys in \"" + to.string() + "\": it is not empty",
              "keys are never replaced: name another folder, or move the old one away");
}

}  // namespace

KeyFolder default_setup(const fs::path& path, bool development) {
  return {.path = path,
          .development = development,
          .roles = {{"root", {.threshold = 1, .keys = {"root.pem"}, .expires_days = 365}},
                    {"targets", {.threshold = 1, .keys = {"targets.pem"}, .expires_days = 365}},
                    {"snapshot", {.threshold = 1, .keys = {"snapshot.pem"}, .expires_days = 7}},
                    {"timestamp", {.threshold = 1, .keys = {"timestamp.pem"}, .expires_days = 1}},
                    {"channel", {.threshold = 1, .keys = {"release.pem"}, .expires_days = 90}}},
          .pkcs11_module = {}};
}

Result<KeyFolder> read_key_folder(const fs::path& path) {
  REBURST_TRY(check_folder(path));
  return parse(REBURST_TRY(read_file(path / kFile, kMaxFile)), path);
}

Result<> write_key_folder(const KeyFolder& folder) {
  const auto text = canonical_json(to_json(folder));
  REBURST_TRY(parse(text, folder.path));
  return write_file_atomic(folder.path / kFile, text, 0600);
}

Result<KeyFolder> create_development_keys(const fs::path& path, const AddToFolder& add) {
  fs::path whole = fs::absolute(path).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  auto temporary = REBURST_TRY(TempDirectory::make(whole.parent_path(), ".keys"));
  REBURST_TRY(write_key_folder(default_setup(temporary.path(), true)));
  for (const auto* name : kTopRoles) {
    REBURST_TRY(create_key(temporary.path() / (std::string(name) + ".pem"), KeyType::kEd25519, {}));
  }
  REBURST_TRY(create_key(temporary.path() / "release.pem", KeyType::kEcdsaP256, {}));
  if (add) REBURST_TRY(add(temporary.path()));
  REBURST_TRY(place_folder(temporary.path(), whole));
  (void)temporary.release();
  return default_setup(path, true);
}

}  // namespace reburst::signing
