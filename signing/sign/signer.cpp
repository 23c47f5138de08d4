#include "signing/sign/signer.hpp"

#include "signing/sign/private_key.hpp"

namespace reburst::signing {

Result<std::unique_ptr<Signer>> open_signer(const std::string& where, const AskPassphrase& ask,
                                            const std::string& pkcs11_module) {
  return make_signer(REBURST_TRY(load_private_key(where, ask, pkcs11_module)), key_name(where));
}

Result<PrivateKey> load_private_key(const std::string& where, const AskPassphrase& ask, const std::string& module) {
  if (is_token_key(where)) return load_token_key(where, ask, module);
  return load_key_file(where, ask);
}

bool is_token_key(std::string_view where) {
  return where.starts_with("pkcs11:");
}

}  // namespace reburst::signing
