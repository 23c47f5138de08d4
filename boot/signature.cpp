#include "boot/signature.hpp"

#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <nettle/eddsa.h>
#include <nettle/sha2.h>

#include <cstring>

#include "boot/parse.hpp"

namespace reburst::boot {

namespace {

constexpr std::size_t kCoordinate = 32;
using Number = std::array<std::uint8_t, kCoordinate>;

// A number of the library's, and a point, that go when their block ends.
class Big {
 public:
  explicit Big(std::span<const std::uint8_t> bytes) {
    mpz_init(value_);
    mpz_import(value_, bytes.size(), 1, 1, 1, 0, bytes.data());
  }
  Big(const Big&) = delete;
  Big& operator=(const Big&) = delete;
  Big(Big&&) = delete;
  Big& operator=(Big&&) = delete;
  ~Big() { mpz_clear(value_); }
  [[nodiscard]] mpz_srcptr get() const { return value_; }

 private:
  mpz_t value_;
};

class Point {
 public:
  Point() { ecc_point_init(&point_, nettle_get_secp_256r1()); }
  Point(const Point&) = delete;
  Point& operator=(const Point&) = delete;
  Point(Point&&) = delete;
  Point& operator=(Point&&) = delete;
  ~Point() { ecc_point_clear(&point_); }

  // False unless it lies on the curve.
  bool set(std::span<const std::uint8_t> bytes) {
    const Big x(bytes.first(kCoordinate));
    const Big y(bytes.subspan(kCoordinate, kCoordinate));
    return ecc_point_set(&point_, x.get(), y.get()) == 1;
  }
  [[nodiscard]] const ecc_point* get() const { return &point_; }

 private:
  ecc_point point_{};
};

// A DER INTEGER above zero of at most 32 bytes, in its shortest form (X.690, 8.3 and 10).
bool take_integer(std::span<const std::uint8_t>& der, Number& number) {
  if (der.size() < 3 || der[0] != 2) return false;
  const std::size_t size = der[1];
  if (size == 0 || size > kCoordinate + 1 || der.size() < 2 + size) return false;
  auto digits = der.subspan(2, size);
  der = der.subspan(2 + size);
  if (digits[0] >= 0x80) return false;  // below zero
  if (digits[0] == 0) {
    if (size == 1 || digits[1] < 0x80) return false;  // nothing, or not the shortest
    digits = digits.subspan(1);
  }
  if (digits.size() > kCoordinate) return false;
  number = {};
  std::memcpy(number.data() + kCoordinate - digits.size(), digits.data(), digits.size());
  return true;
}

// SEQUENCE { r INTEGER, s INTEGER } and nothing behind it (RFC 3279, 2.2.3).
bool parse_der(std::span<const std::uint8_t> der, Number& r, Number& s) {
  if (der.size() < 2 || der[0] != 0x30 || der[1] != der.size() - 2) return false;
  auto rest = der.subspan(2);
  return take_integer(rest, r) && take_integer(rest, s) && rest.empty();
}

bool verify_p256(const PublicKey& key, std::string_view message, std::span<const std::uint8_t> der) {
  Number r{};
  Number s{};
  Point point;
  if (!parse_der(der, r, s) || !point.set(key.bytes)) return false;
  const Sha256 digest = sha256(message);
  dsa_signature signature;
  dsa_signature_init(&signature);
  mpz_import(signature.r, r.size(), 1, 1, 1, 0, r.data());
  mpz_import(signature.s, s.size(), 1, 1, 1, 0, s.data());
  const bool good = ecdsa_verify(point.get(), digest.size(), digest.data(), &signature) == 1;
  dsa_signature_clear(&signature);
  return good;
}

int base64_value(char digit) {
  if (digit >= 'A' && digit <= 'Z') return digit - 'A';
  if (digit >= 'a' && digit <= 'z') return digit - 'a' + 26;
  if (digit >= '0' && digit <= '9') return digit - '0' + 52;
  return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

// SubjectPublicKeyInfo of a key on P-256 by the curve's name, uncompressed (RFC 5480, 2): 27 bytes that are always the
// same, then x and y.
constexpr std::array<std::uint8_t, 27> kP256Prefix = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                                      0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                      0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
constexpr std::size_t kP256Der = kP256Prefix.size() + 2 * kCoordinate;

// The end of a key's PEM text: 91 bytes are 122 digits of base64, and padding. The last line break may be missing.
bool is_pem_end(std::string_view text) {
  constexpr std::string_view kEnd = "==\\n-----END PUBLIC KEY-----";
  if (!text.starts_with(kEnd)) return false;
  text.remove_prefix(kEnd.size());
  return text.empty() || text == "\\n";
}

// The text between the quotes of a JSON string, so that a line break is the escape "\n".
bool parse_pem(std::string_view text, std::array<std::uint8_t, kP256Der>& der) {
  constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----\\n";
  if (!text.starts_with(kBegin)) return false;
  text.remove_prefix(kBegin.size());
  std::uint32_t bits = 0;
  unsigned count = 0;  // of the bits that are not yet in `der`
  std::size_t size = 0;
  while (!text.empty() && !text.starts_with('=')) {
    const bool line_break = text.starts_with("\\n");
    const int value = line_break ? 0 : base64_value(text[0]);
    text.remove_prefix(line_break ? 2 : 1);
    if (line_break) continue;
    if (value < 0 || size == der.size()) return false;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    der[size++] = static_cast<std::uint8_t>(bits >> count);
  }
  return size == der.size() && (bits & ((1U << count) - 1)) == 0 && is_pem_end(text);
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
  sha256_ctx context;
  sha256_init(&context);
  sha256_update(&context, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
  Sha256 out{};
  sha256_digest(&context, out.size(), out.data());
  return out;
}

bool read_key(Json object, PublicKey& key) {
  const auto type = object.member("keytype").string();
  const auto scheme = object.member("scheme").string();
  const auto value = object.member("keyval").member("public").string();
  key = {};
  if (type == "ed25519" && scheme == "ed25519") return parse_hex(value, std::span(key.bytes).first(kCoordinate));
  const bool ecdsa = type == "ecdsa" || type == "ecdsa-sha2-nistp256";
  std::array<std::uint8_t, kP256Der> der{};
  if (!ecdsa || scheme != "ecdsa-sha2-nistp256" || !parse_pem(value, der)) return false;
  if (std::memcmp(der.data(), kP256Prefix.data(), kP256Prefix.size()) != 0) return false;
  key.type = PublicKey::Type::kP256;
  std::memcpy(key.bytes.data(), der.data() + kP256Prefix.size(), key.bytes.size());
  return Point().set(key.bytes);
}

bool verify(const PublicKey& key, std::string_view message, std::string_view signature) {
  std::array<std::uint8_t, 80> bytes{};
  if (signature.size() > 2 * bytes.size()) return false;
  const auto value = std::span(bytes).first(signature.size() / 2);
  if (!parse_hex(signature, value)) return false;
  if (key.type == PublicKey::Type::kP256) return verify_p256(key, message, value);
  return value.size() == ED25519_SIGNATURE_SIZE &&
         ed25519_sha512_verify(key.bytes.data(), message.size(), reinterpret_cast<const std::uint8_t*>(message.data()),
                               value.data()) == 1;
}

}  // namespace reburst::boot
