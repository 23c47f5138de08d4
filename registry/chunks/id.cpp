#include "registry/chunks/id.hpp"

#include <openssl/evp.h>

#include <stdexcept>

#include "core/handle.hpp"
#include "core/text.hpp"

namespace reburst::chunks {

namespace {

// OpenSSL's digest calls fail only when memory or the provider is gone: exhaustion, not input.
void require(bool ok) {
  if (!ok) throw std::runtime_error("OpenSSL refused a SHA-512/256 operation");
}

const EVP_MD* algorithm() {
  static const Handle<EVP_MD, &EVP_MD_free> kAlgorithm(EVP_MD_fetch(nullptr, "SHA512-256", nullptr));
  require(kAlgorithm != nullptr);
  return kAlgorithm.get();
}

}  // namespace

ChunkId id_of(std::span<const std::byte> bytes) {
  thread_local const Handle<EVP_MD_CTX, &EVP_MD_CTX_free> kContext(EVP_MD_CTX_new());
  ChunkId id;
  require(EVP_DigestInit_ex2(kContext.get(), algorithm(), nullptr) == 1);
  require(EVP_DigestUpdate(kContext.get(), bytes.data(), bytes.size()) == 1);
  require(EVP_DigestFinal_ex(kContext.get(), id.bytes.data(), nullptr) == 1);
  return id;
}

std::string ChunkId::hex() const {
  return to_hex(std::as_bytes(std::span(bytes)));
}

std::string ChunkId::path() const {
  const std::string name = hex();
  return name.substr(0, 4) + "/" + name + ".cacnk";
}

}  // namespace reburst::chunks
