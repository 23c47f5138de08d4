#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "signing/verify/key.hpp"

namespace reburst::test {

// A key pair that signs by OpenSSL alone, so that verification is not judged by signing/sign.
class TestKey {
 public:
  explicit TestKey(signing::KeyType type);
  [[nodiscard]] const signing::PublicKey& public_key() const { return *public_key_; }
  [[nodiscard]] const std::string& id() const { return public_key_->id(); }
  [[nodiscard]] std::string sign(std::string_view message) const;

 private:
  struct Pair;
  std::shared_ptr<Pair> pair_;
  std::shared_ptr<const signing::PublicKey> public_key_;
};

// TUF metadata around `body`, signed by `keys`.
[[nodiscard]] std::string sealed(const Json& body, const std::vector<const TestKey*>& keys);

}  // namespace reburst::test
