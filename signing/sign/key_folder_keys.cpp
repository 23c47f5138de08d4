#include <algorithm>

#include "core/file.hpp"
#include "signing/sign/key_folder.hpp"
#include "signing/sign/private_key.hpp"

namespace reburst::signing {

namespace {

constexpr std::size_t kMaxPublicKey = 4096;

bool is_public(std::string_view entry) {
  return entry.ends_with(".pub") && !is_token_key(entry);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Result<PublicKey> read_public(const fs::path& path) {
  return PublicKey::from_pem(REBURST_TRY(read_file(path, kMaxPublicKey)), path.string());
}

// The public key that lies beside a private one; nothing for a token's key.
std::optional<fs::path> beside(const KeyFolder& folder, const std::string& entry) {
  if (is_token_key(entry)) return std::nullopt;
  const auto path = public_key_file(folder.path / entry);
  if (!is_there(path)) return std::nullopt;
  return path;
}

Result<std::unique_ptr<Signer>> open_entry(const KeyFolder& folder, const std::string& entry,
                                           const AskPassphrase& ask) {
  return open_signer(is_token_key(entry) ? entry : (folder.path / entry).string(), ask, folder.pkcs11_module);
}

Result<PublicKey> public_key(const KeyFolder& folder, const std::string& entry, const AskPassphrase& ask) {
  if (is_public(entry)) return read_public(folder.path / entry);
  if (const auto path = beside(folder, entry)) return read_public(*path);
  return REBURST_TRY(open_entry(folder, entry, ask))->public_key();
}

bool can_sign(const KeyFolder& folder, const std::string& entry) {
  if (is_token_key(entry)) return true;
  return !is_public(entry) && (is_there(folder.path / entry) || !beside(folder, entry));
}

// A NAME.pub that is another's would put that other into the metadata.
Result<> check_pair(const KeyFolder& folder, const std::string& entry, const PublicKey& key) {
  const auto path = beside(folder, entry);
  if (!path || REBURST_TRY(read_public(*path)) == key) return {};
  return fail(ErrorCode::kSignature,
              "the public key \"" + path->string() + "\" does not belong to \"" + (folder.path / entry).string() + "\"",
              "write it anew with \"openssl pkey -pubout\"");
}

}  // namespace

const RoleSetup& role_setup(const KeyFolder& folder, const std::string& role) {
  const auto found = folder.roles.find(role);
  return found != folder.roles.end() ? found->second : folder.roles.at("channel");
}

Result<std::vector<PublicKey>> public_keys(const KeyFolder& folder, const RoleSetup& setup, const AskPassphrase& ask) {
  std::vector<PublicKey> out;
  for (const auto& entry : setup.keys) {
    auto key = REBURST_TRY(public_key(folder, entry, ask));
    const auto twin = std::find(out.begin(), out.end(), key);
    if (twin != out.end()) {
      const auto& other = setup.keys[static_cast<std::size_t>(twin - out.begin())];
      return fail(ErrorCode::kSignature, "\"" + key_name(other) + "\" and \"" + key_name(entry) + "\" are the same key",
                  "a key counts once: name another one in \"" + (folder.path / "keys.json").string() + "\"");
    }
    out.push_back(std::move(key));
  }
  return out;
}

Result<std::vector<std::unique_ptr<Signer>>> signers(const KeyFolder& folder, const RoleSetup& setup,
                                                     const AskPassphrase& ask) {
  std::vector<std::unique_ptr<Signer>> out;
  for (const auto& entry : setup.keys) {
    if (!can_sign(folder, entry)) continue;
    out.push_back(REBURST_TRY(open_entry(folder, entry, ask)));
    REBURST_TRY(check_pair(folder, entry, out.back()->public_key()));
  }
  return out;
}

}  // namespace reburst::signing
