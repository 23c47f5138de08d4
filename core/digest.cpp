#include "core/digest.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <stdexcept>
#include <vector>

#include "core/file.hpp"
#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst {

namespace {

// OpenSSL's digest calls fail only when memory or the provider is gone: exhaustion, not input.
void require(int ok) {
  if (ok != 1) throw std::runtime_error("OpenSSL refused a digest operation");
}

using Algorithm = Handle<EVP_MD, &EVP_MD_free>;

Algorithm fetch(const char* name) {
  Algorithm algorithm(EVP_MD_fetch(nullptr, name, nullptr));
  if (!algorithm) throw std::runtime_error(std::string("OpenSSL offers no ") + name);
  return algorithm;
}

// Fetched once: EVP_sha256() would look the provider up again at every init.
const EVP_MD* sha256_algorithm() {
  static const Algorithm kAlgorithm = fetch("SHA256");
  return kAlgorithm.get();
}

const EVP_MD* sha1_algorithm() {
  static const Algorithm kAlgorithm = fetch("SHA1");
  return kAlgorithm.get();
}

using Context = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;

}  // namespace

struct Hasher::State {
  Context context{EVP_MD_CTX_new()};
};

std::string Digest::hex() const {
  return to_hex(std::as_bytes(std::span(bytes)));
}

std::optional<Digest> Digest::parse(std::string_view hex) {
  Digest digest;
  if (hex.size() != 2 * digest.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    const int high = hex_value(hex[2 * i]);
    const int low = hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return digest;
}

Hasher::Hasher() : state_(std::make_unique<State>()) {
  require(EVP_DigestInit_ex2(state_->context.get(), sha256_algorithm(), nullptr));
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

void Hasher::update(std::string_view text) {
  update(std::as_bytes(std::span(text.data(), text.size())));
}

Digest Hasher::finish() {
  Digest digest;
  require(EVP_DigestFinal_ex(state_->context.get(), digest.bytes.data(), nullptr));
  return digest;
}

struct Sha1Hasher::State {
  Context context{EVP_MD_CTX_new()};
};

std::string Sha1::hex() const {
  return to_hex(std::as_bytes(std::span(bytes)));
}

Sha1Hasher::Sha1Hasher() : state_(std::make_unique<State>()) {
  require(EVP_DigestInit_ex2(state_->context.get(), sha1_algorithm(), nullptr));
}
Sha1Hasher::~Sha1Hasher() = default;

void Sha1Hasher::update(std::span<const std::byte> bytes) {
  require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

Sha1 Sha1Hasher::finish() {
  Sha1 digest;
  require(EVP_DigestFinal_ex(state_->context.get(), digest.bytes.data(), nullptr));
  return digest;
}

Digest sha256(std::string_view bytes) {
  Hasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

Result<Digest> sha256_file(const std::filesystem::path& path) {
  const Fd file = REBURST_TRY(open_read(path));
  Hasher hasher;
  std::vector<std::byte> buffer(1U << 20U);
  for (;;) {
    const std::size_t got = REBURST_TRY(read_some(file.get(), buffer, path.string()));
    if (got == 0) return hasher.finish();
    hasher.update(std::span(buffer).first(got));
  }
}

Digest sha256_salted(std::span<const std::byte> salt, std::span<const std::byte> block) {
  thread_local const Context kContext(EVP_MD_CTX_new());
  Digest digest;
  require(EVP_DigestInit_ex2(kContext.get(), sha256_algorithm(), nullptr));
  require(EVP_DigestUpdate(kContext.get(), salt.data(), salt.size()));
  require(EVP_DigestUpdate(kContext.get(), block.data(), block.size()));
  require(EVP_DigestFinal_ex(kContext.get(), digest.bytes.data(), nullptr));
  return digest;
}

}  // namespace reburst
