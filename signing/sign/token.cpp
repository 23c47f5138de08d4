// OpenSSL 3 knows engines as an older interface; Debian 12 has no PKCS#11 provider.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/engine.h>
#include <openssl/err.h>

#include <mutex>

#include "signing/sign/token_uri.hpp"

namespace reburst::signing {

namespace {

using Structural = Handle<ENGINE, &ENGINE_free>;
using Module = Handle<void, &dlclose>;

constexpr const char* kDefaultModule = "p11-kit-proxy.so";

// The engine, and the module that it was started with. There is one for the whole process, because PKCS#11 starts a
// module once for a process; and it stays, because the engine would go on with its first module whatever it is told
// later, and forget what is open when it stops.
struct Running {
  std::mutex mutex;
  ENGINE* engine = nullptr;
  void* module = nullptr;
};

Running& running() {
  static Running engine;
  return engine;
}

tl::unexpected<Error> no_module(const std::string& module, const std::string& why) {
  return fail(ErrorCode::kEnvironment, "cannot start the PKCS#11 module \"" + module + "\": " + why,
              "name the module of the token with module-path in its URI");
}

// Loaded here first: the engine would say on the terminal that it cannot.
Result<Module> load_module(const std::string& path) {
  Module module(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!module) return no_module(path, dlerror());
  if (dlsym(module.get(), "C_GetFunctionList") == nullptr) return no_module(path, "it has no C_GetFunctionList");
  return module;
}

bool command(ENGINE* engine, const char* name, const char* value) {
  return ENGINE_ctrl_cmd_string(engine, name, value, 0) == 1;
}

Result<Structural> start_engine(const std::string& module) {
  OPENSSL_init_crypto(OPENSSL_INIT_ENGINE_DYNAMIC, nullptr);
  Structural engine(ENGINE_by_id("pkcs11"));
  const bool found = engine != nullptr;
  // Quiet, because what fails is told by us.
  const bool started = found && command(engine.get(), "QUIET", nullptr) &&
                       command(engine.get(), "MODULE_PATH", module.c_str()) && ENGINE_init(engine.get()) == 1;
  ERR_clear_error();
  if (started) return engine;
  return fail(ErrorCode::kEnvironment,
              std::string("cannot use a PKCS#11 token: OpenSSL's engine \"pkcs11\" ") +
                  (found ? "does not start" : "is not installed"),
              "apt install libengine-pkcs11-openssl");
}

// The engine with that module; `shared` is locked.
Result<ENGINE*> engine_with(const std::string& path, Running& shared) {
  Module module = REBURST_TRY(load_module(path));
  if (shared.engine == nullptr) {
    shared.engine = REBURST_TRY(start_engine(path)).release();
    shared.module = module.release();
  } else if (module.get() != shared.module) {
    return no_module(path, "another one is at work in this process");
  }
  return shared.engine;
}

// What the module said last, such as "PIN incorrect"; empty when it said nothing.
std::string complaint() {
  std::string out;
  for (unsigned long error = ERR_get_error(); error != 0; error = ERR_get_error()) {
    const char* library = ERR_lib_error_string(error);
    const char* reason = ERR_reason_error_string(error);
    if (library != nullptr && std::string_view(library) == "PKCS#11 module" && reason != nullptr) out = reason;
  }
  return out;
}

// A token where somebody is logged in already asks nobody again, so that a wrong PIN may pass for a second key.
Result<PrivateKey> load(ENGINE* engine, const TokenUri& uri) {
  ERR_clear_error();
  PrivateKey key(ENGINE_load_private_key(engine, uri.key.c_str(), nullptr, nullptr));
  const auto said = complaint();
  if (key) return key;
  if (said.find("PIN") != std::string::npos) {
    return fail(ErrorCode::kUsage, "cannot log in to the token of \"" + uri.key + "\": " + said,
                "a token locks itself after a few wrong PINs");
  }
  if (!said.empty()) {
    return fail(ErrorCode::kEnvironment,
                "cannot use the token of \"" + uri.key + "\": its module says \"" + said + "\"",
                "look whether the token is there and its module is configured");
  }
  return fail(ErrorCode::kMissing, "cannot find the private key \"" + uri.key + "\" on its token",
              "list what there is with \"p11tool --list-all\" or \"pkcs11-tool -O\"");
}

std::string module_of(const TokenUri& uri, const std::string& otherwise) {
  if (!uri.module.empty()) return uri.module;
  return otherwise.empty() ? kDefaultModule : otherwise;
}

}  // namespace

Result<PrivateKey> load_token_key(const std::string& where, const AskPassphrase& ask, const std::string& module) {
  TokenUri uri = REBURST_TRY(parse_token_uri(where));
  Running& shared = running();
  const std::lock_guard lock(shared.mutex);
  ENGINE* engine = REBURST_TRY(engine_with(module_of(uri, module), shared));
  if (!uri.pin) uri.pin.emplace(REBURST_TRY(ask_secret(ask, uri.key)));
  if (!command(engine, "PIN", uri.pin->text().c_str())) {
    ERR_clear_error();
    return fail(ErrorCode::kUsage, "cannot log in to the token of \"" + uri.key + "\": the PIN is empty",
                "give the user PIN of the token");
  }
  return load(engine, uri);
}

}  // namespace reburst::signing
