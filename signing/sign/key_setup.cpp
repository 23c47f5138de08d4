#include "signing/sign/key_setup.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "core/file.hpp"
#include "signing/sign/private_key.hpp"

namespace reburst::signing {

namespace {

constexpr std::size_t kMaxPublicKey = 4096;

bool is_role(const std::string& name) {
  constexpr std::array kRoles = {"root", "targets", "snapshot", "timestamp", "channel"};
  return std::find(kRoles.begin(), kRoles.end(), name) != kRoles.end() || name.find('-') != std::string::npos;
}

fs::path whole_path(const fs::path& path) {
  auto out = fs::absolute(path).lexically_normal();
  return out.has_filename() ? out : out.parent_path();
}

Result<> require_free(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder, ignored) || fs::is_empty(folder, ignored)) return {};
  return fail(ErrorCode::kUsage, "cannot create keys in \"" + folder.string() + "\": it is not empty",
              "keys are never replaced: name another folder, or move the old one away");
}

// A pair in `own`, and its public half in `other`.
Result<> make_pair(const fs::path& own, const fs::path& other, const std::string& name, KeyType type,
                   std::string_view passphrase) {
  const auto key = REBURST_TRY(create_key(own / (name + ".pem"), type, passphrase));
  return write_file_atomic(other / (name + ".pub"), key.pem());
}

Result<> place(TempDirectory& from, const fs::path& to) {
  REBURST_TRY(rename_path(from.path(), to));
  (void)from.release();
  return sync_directory(to.parent_path());
}

// The public key becomes a file of the folder, unless it is that file.
Result<> copy_public(const fs::path& from, const fs::path& to) {
  const auto text = REBURST_TRY(read_file(from, kMaxPublicKey));
  REBURST_TRY(PublicKey::from_pem(text, from.string()));
  std::error_code ignored;
  if (!fs::exists(to, ignored)) return write_file_atomic(to, text);
  if (REBURST_TRY(read_file(to, kMaxPublicKey)) == text) return {};
  return fail(ErrorCode::kUsage, "cannot add \"" + from.string() + "\": \"" + to.string() + "\" is another key",
              "give the new one another name");
}

Result<std::string> entry_of(const KeyFolder& folder, const std::string& where) {
  if (is_token_key(where)) return where;
  const fs::path file = where;
  if (file.extension() == ".pub") {
    REBURST_TRY(copy_public(file, folder.path / file.filename()));
    return file.stem().string() + ".pem";
  }
  std::error_code ignored;
  if (fs::equivalent(file, folder.path / file.filename(), ignored)) return file.filename().string();
  return fail(ErrorCode::kUsage, "\"" + where + "\" is no key of \"" + folder.path.string() + "\"",
              "name a public key (NAME.pub) of anybody, a private key in that folder, or a pkcs11: URI");
}

}  // namespace

Result<KeyFolder> create_split_keys(const fs::path& online, const fs::path& offline, std::string_view passphrase,
                                    const AddToFolder& add) {
  const auto here = whole_path(online);
  const auto there = whole_path(offline);
  REBURST_TRY(require_free(here));
  REBURST_TRY(require_free(there));
  auto own = REBURST_TRY(TempDirectory::make(here.parent_path(), ".keys"));
  auto away = REBURST_TRY(TempDirectory::make(there.parent_path(), ".keys"));
  for (const auto* folder : {&own, &away}) REBURST_TRY(write_key_folder(default_setup(folder->path(), false)));
  for (const auto* name : {"root", "targets"}) {
    REBURST_TRY(make_pair(away.path(), own.path(), name, KeyType::kEd25519, passphrase));
  }
  for (const auto* name : {"snapshot", "timestamp"}) {
    REBURST_TRY(make_pair(own.path(), away.path(), name, KeyType::kEd25519, {}));
  }
  REBURST_TRY(make_pair(own.path(), away.path(), "release", KeyType::kEcdsaP256, {}));
  if (add) REBURST_TRY(add(own.path()));
  REBURST_TRY(place(away, there));
  REBURST_TRY(place(own, here));
  return default_setup(online, false);
}

Result<RoleSetup*> own_setup(KeyFolder& folder, const std::string& role, bool with_keys) {
  if (!is_role(role)) {
    return fail(ErrorCode::kUsage, "\"" + role + "\" is no role that has keys",
                "the roles are root, targets, snapshot, timestamp, channel, and ROLE-CHANNEL such as web-stable");
  }
  const auto found = folder.roles.find(role);
  if (found != folder.roles.end()) return &found->second;
  auto setup = folder.roles.at("channel");
  if (!with_keys) {
    setup.keys.clear();
    setup.threshold = 1;
  }
  return &(folder.roles[role] = std::move(setup));
}

Result<std::string> add_key(KeyFolder& folder, const std::string& role, const std::string& where) {
  auto* setup = REBURST_TRY(own_setup(folder, role, false));
  auto entry = REBURST_TRY(entry_of(folder, where));
  if (std::find(setup->keys.begin(), setup->keys.end(), entry) != setup->keys.end()) {
    return fail(ErrorCode::kUsage, "\"" + role + "\" has the key \"" + key_name(entry) + "\" already",
                "a key counts once: reburst key list shows what there is");
  }
  setup->keys.push_back(entry);
  return entry;
}

Result<> remove_key(KeyFolder& folder, const std::string& role, const std::string& name) {
  auto* setup = REBURST_TRY(own_setup(folder, role, true));
  const auto found = std::find_if(setup->keys.begin(), setup->keys.end(), [&](const std::string& entry) {
    return entry == name || (!is_token_key(entry) && public_key_file(entry).string() == name);
  });
  if (found == setup->keys.end()) {
    return fail(ErrorCode::kUsage, "\"" + role + "\" has no key \"" + key_name(name) + "\"",
                "reburst key list shows what there is");
  }
  if (setup->keys.size() == 1) {
    return fail(ErrorCode::kUsage, "\"" + key_name(name) + "\" is the only key of \"" + role + "\"",
                "add the new one first");
  }
  setup->keys.erase(found);
  return {};
}

}  // namespace reburst::signing
