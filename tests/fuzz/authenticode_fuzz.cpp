// links: reburst_authenticode
// Any bytes as a signed boot program: they are refused, or they are what the certificate's key signed once.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "signing/authenticode/authenticode.hpp"

namespace {

constexpr std::string_view kCertificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIC/zCCAeegAwIBAgIUK6T9+lhcvt/tEvPilzKFL7dHr+swDQYJKoZIhvcNAQEL\n"
    "BQAwDzENMAsGA1UEAwwEb3VyczAeFw0yNjExMjIxNjEyMzhaFw0zNTAyMDgxNjEy\n"
    "MzhaMA8xDTALBgNVBAMMBG91cnMwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK\n"
    "AoIBAQCnOBSNXleEadCWtE0zCUUFp3IR/wO3Q3KtseCVOBfTn/SN3JhbPyS5FsMp\n"
    "VZrGu6rrwBedGZjOmWXr4OdJY1shbflQTalcLOulcGobvSlr/WNKIS5RQOuGDstx\n"
    "AaqGavc9CzwGbG90UE40SkGGwEkkYiA2B2HA8mmtdo43qLV7/ksz11SP1QHEBfwq\n"
    "dFeglsRIxbkqpXnUuRLGagZqsDb1flF0MyxPmGy7CjN+DzbptMClUa2g8MeGGPFg\n"
    "UftlEgOcah9w8wYfjdkUhnXHPpFTASL6sDayLZCbbmmkwKAPSWlYCKGSG8U/MnQP\n"
    "lhqvgsJ1pIccQyuJyZpAsivIdQs3AgMBAAGjUzBRMB0GA1UdDgQWBBTzO+VICsIC\n"
    "Q3Zx7PSKI6hIhE5lnTAfBgNVHSMEGDAWgBTzO+VICsICQ3Zx7PSKI6hIhE5lnTAP\n"
    "BgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQAB3nkE89nQK3L5y26/\n"
    "bemoYQcWvP1H2ZQz+gknR49FdbUaG1KodHS9UO59HvE+HlwFOcV8sTRHd2bgEtST\n"
    "FUpIre9g+2jduMUdyyf8Zq5RF95A0glyMpLNDzodMnlKDKWLemwVJecCkLHtnj/T\n"
    "iXb7QTl9zfRnqY0W1pyIFs5ytSQxbgyHe5s74PcgSt1+m/0bmBi9r6B1qp+XNNwy\n"
    "MtJGBEWY93LfAj7w41NUdoapq3KiZz0C1GPTFXbGV2Zw4PZD6thuvA2y1/JAgnM/\n"
    "OH5WzDaX9eDXvRS3wbZbJBBw02rMgnal8sk+Qp3vfI2OWcUgfvU68VWcFAb//MGP\n"
    "+ksN\n"
    "-----END CERTIFICATE-----\n";
// Of the only program that its key, which is gone, ever signed: corpus/authenticode/signed.
constexpr std::string_view kDigest = "885763eee8cb455b5ea88ec594d5c0c775def4177ef415bb6445c2472370c98a";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reburst::authenticode;
  static const auto kKnown = Certificate::parse(kCertificate, "fuzz.crt").value();
  const std::string_view program(reinterpret_cast<const char*>(data), size);
  const auto digest = image_digest(program, "fuzz.efi");
  const auto signatures = read_signatures(program, "fuzz.efi");
  const auto verified = verify_program(program, kKnown, "fuzz.efi");
  if (!digest && (signatures || verified)) __builtin_trap();
  if (verified && (!signatures || signatures->empty() || digest->hex() != kDigest)) __builtin_trap();
  for (const auto* error : {digest ? nullptr : &digest.error(), verified ? nullptr : &verified.error()}) {
    if (error != nullptr && error->message.empty()) __builtin_trap();
  }
  // A certificate is a foreign format, too.
  (void)Certificate::parse(program, "fuzz.crt");
  return 0;
}
