#include "signing/sign/token_uri.hpp"

#include "tests/unit/signing/support.hpp"

namespace reburst::signing {
namespace {

class TokenUriTest : public FolderTest {};

TEST_F(TokenUriTest, TakesTheUriApart) {
  const auto uri =
      parse_token_uri("pkcs11:token=my%20token;object=web?module-path=/usr/lib/x%2dy.so&pin-value=12%2634");
  ASSERT_TRUE(uri) << uri.error().render();
  EXPECT_EQ(uri->key, "pkcs11:token=my%20token;object=web");
  EXPECT_EQ(uri->module, "/usr/lib/x-y.so");
  EXPECT_EQ(uri->pin.value().text(), "12&34");
  const auto bare = parse_token_uri("pkcs11:object=web").value();
  EXPECT_EQ(bare.key, "pkcs11:object=web");
  EXPECT_FALSE(bare.pin);
}

TEST_F(TokenUriTest, NeverShowsAPin) {
  EXPECT_EQ(key_name("pkcs11:token=a;object=b?pin-value=1234"), "pkcs11:token=a;object=b");
  EXPECT_EQ(key_name("pkcs11:pin-value=1234;token=a"), "pkcs11:token=a");
  EXPECT_EQ(key_name("a.pem"), "a.pem");
  EXPECT_EQ(parse_token_uri("pkcs11:token=a;pin-value=1234").value().pin->text(), "1234");
}

TEST_F(TokenUriTest, ReadsThePinOfAFile) {
  put("pin", "1234\nrest\n");
  EXPECT_EQ(parse_token_uri("pkcs11:token=a?pin-source=" + file("pin").string()).value().pin->text(), "1234");
  EXPECT_EQ(parse_token_uri("pkcs11:token=a?pin-source=file:" + file("pin").string()).value().pin->text(), "1234");
  EXPECT_EQ(parse_token_uri("pkcs11:token=a?pin-source=file://" + file("pin").string()).value().pin->text(), "1234");
  EXPECT_EQ(parse_token_uri("pkcs11:token=a?pin-source=/nonexistent").error().code, ErrorCode::kMissing);
}

TEST_F(TokenUriTest, RefusesAPinThatOthersMayRead) {
  put("pin", "1234\n");
  const auto uri = "pkcs11:token=a?pin-source=" + file("pin").string();
  for (const auto mode : {0604, 0620, 0660, 0666}) {
    fs::permissions(file("pin"), static_cast<fs::perms>(mode));
    const auto parsed = parse_token_uri(uri);
    ASSERT_FALSE(parsed) << mode;
    EXPECT_EQ(parsed.error().code, ErrorCode::kEnvironment);
    EXPECT_EQ(parsed.error().message,
              "cannot use the PIN in \"" + file("pin").string() + "\": other users may read or change it");
    EXPECT_EQ(parsed.error().hint,
              "chmod 600 \"" + file("pin").string() + "\", and make another if anybody has read this one");
  }
  for (const auto mode : {0400, 0600, 0440}) {  // the last: a systemd credential with an access list
    fs::permissions(file("pin"), static_cast<fs::perms>(mode));
    EXPECT_TRUE(parse_token_uri(uri)) << mode;
  }
}

TEST_F(TokenUriTest, RefusesWhatItDoesNotKnow) {
  const std::vector<std::pair<std::string, std::string>> kRefusals = {
      {"pkcs11:", "\"pkcs11:\": it names no key"},
      {"pkcs11:?pin-value=1234", "\"pkcs11:\": it names no key"},
      {"pkcs11:token=a?x=1", "\"pkcs11:token=a\": the attribute \"x\" is not supported"},
      {"pkcs11:token=a?module-name=x", "\"pkcs11:token=a\": the attribute \"module-name\" is not supported"},
      {"pkcs11:token=a?pin-value=12%3",
       "\"pkcs11:token=a\": the attribute \"pin-value\" has no value, or a broken one"},
      {"pkcs11:token=a?pin-value=12%00",
       "\"pkcs11:token=a\": the attribute \"pin-value\" has no value, or a broken one"},
      {"pkcs11:token=a?module-path", "\"pkcs11:token=a\": the attribute \"module-path\" has no value, or a broken one"},
  };
  for (const auto& [uri, why] : kRefusals) {
    const auto parsed = parse_token_uri(uri);
    ASSERT_FALSE(parsed) << uri;
    EXPECT_EQ(parsed.error().code, ErrorCode::kUsage);
    EXPECT_EQ(parsed.error().message, "cannot use the key " + why);
    EXPECT_EQ(parsed.error().hint,
              "write it as in \"pkcs11:token=release;object=web?module-path=/usr/lib/softhsm/libsofthsm2.so\"");
  }
}

}  // namespace
}  // namespace reburst::signing
