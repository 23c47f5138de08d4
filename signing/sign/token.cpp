// OpenSSL 3 knows engines as an older interface; Debian 12 has no PKCS#11 provider.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/engine.h>
#include <openssl/err.h>

#include "signing/sign/token_uri.hpp"

namespace reburst::signing {

namespace {

using Structural = Handle<ENGINE, &ENGINE_free>;

// An engine that is at work: a structural and a functional reference.
std::shared_ptr<ENGINE> started(Structural engine) {
  if (ENGINE_init(engine.get()) != 1) return nullptr;
  return {engine.release(), [](ENGINE* running) {
            ENGINE_finish(running);
            ENGINE_free(running);
          }};
}

bool command(ENGINE* engine, const char* name, const char* value) {
  return ENGINE_ctrl_cmd_string(engine, name, value, 0) == 1;
}

Structural find_engine() {
  OPENSSL_init_crypto(OPENSSL_INIT_ENGINE_DYNAMIC, nullptr);
  return Structural(ENGINE_by_id("pkcs11"));
}

Result<std::shared_ptr<ENGINE>> open_engine(const std::string& module) {
  Structural engine = find_engine();
  if (!engine) {
    ERR_clear_error();
    return fail(ErrorCode::kEnvironment, "cannot use a PKCS#11 token: OpenSSL has no engine \"pkcs11\"",
                "install it: apt install libengine-pkcs11-openssl");
  }
  (void)command(engine.get(), "QUIET", nullptr);  // what fails is told by us
  const bool set = module.empty() || command(engine.get(), "MODULE_PATH", module.c_str());
  auto running = set ? started(std::move(engine)) : nullptr;
  ERR_clear_error();
  if (!running) {
    return fail(ErrorCode::kEnvironment,
                "cannot start the PKCS#11 module \"" + (module.empty() ? "p11-kit-proxy.so" : module) + "\"",
                "name the module of the token with module-path in its URI");
  }
  return running;
}

// What the token says about the PIN, such as "PIN incorrect"; empty when it is not about the PIN.
std::string complaint_about_pin() {
  std::string out;
  for (unsigned long error = ERR_get_error(); error != 0; error = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(error);
    if (reason != nullptr && std::string_view(reason).find("PIN") != std::string_view::npos) out = reason;
  }
  return out;
}

Result<PrivateKey> load(ENGINE* engine, const TokenUri& uri) {
  ERR_clear_error();
  PrivateKey key(ENGINE_load_private_key(engine, uri.key.c_str(), nullptr, nullptr));
  const auto complaint = complaint_about_pin();
  if (key) return key;
  if (!complaint.empty()) {
    return fail(ErrorCode::kUsage, "cannot log in to the token of \"" + uri.key + "\": " + complaint,
                "a token locks itself after a few wrong PINs");
  }
  return fail(ErrorCode::kMissing, "cannot find the private key \"" + uri.key + "\" on its token",
              "list what there is with \"p11tool --list-all\" or \"pkcs11-tool -O\"");
}

}  // namespace

Result<std::unique_ptr<Signer>> open_token_key(const std::string& where, const AskPassphrase& ask,
                                               const std::string& module) {
  TokenUri uri = REBURST_TRY(parse_token_uri(where));
  const auto engine = REBURST_TRY(open_engine(uri.module.empty() ? module : uri.module));
  if (!uri.pin) uri.pin.emplace(REBURST_TRY(ask_secret(ask, uri.key)));
  if (!command(engine.get(), "PIN", uri.pin->text().c_str())) {
    ERR_clear_error();
    return fail(ErrorCode::kUsage, "cannot log in to the token of \"" + uri.key + "\": the PIN is empty",
                "give the user PIN of the token");
  }
  PrivateKey key = REBURST_TRY(load(engine.get(), uri));
  return make_signer(std::move(key), uri.key, engine);
}

}  // namespace reburst::signing
