#include "signing/sign/signer.hpp"

#include "signing/sign/private_key.hpp"

namespace reburst::signing {

Result<std::unique_ptr<Signer>> open_signer(const std::string& where, const AskPassphrase& ask,
                                            const std::string& pkcs11_module) {
  if (is_token_key(where)) return open_token_key(where, ask, pkcs11_module);
  return open_key_file(where, ask);
}

bool is_token_key(std::string_view where) {
  return where.starts_with("pkcs11:");
}

}  // namespace reburst::signing
