#include "boot/signature.hpp"

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "core/text.hpp"
#include "tests/unit/client/repository.hpp"

namespace reburst::boot {
namespace {

std::string canonical(const reburst::Json& value) {
  auto text = canonical_json(value);
  text.pop_back();
  return text;
}

// Whether boot/ takes the key object, and then this signature by it.
bool accepts(const reburst::Json& object, const std::string& message, const std::string& signature) {
  const std::string text = canonical(object);
  PublicKey key;
  const auto json = parse_json(text, "key");
  return json && read_key(*json, key) && verify(key, message, signature);
}

std::string sign(const std::string& name, const std::string& message) {
  const std::string value = client::signer(name).sign(message).value();
  return to_hex(std::as_bytes(std::span(value.data(), value.size())));
}

class Signature : public testing::TestWithParam<std::string> {
 protected:
  const std::string& name() const { return GetParam(); }
  reburst::Json object() const { return client::key(name()).to_tuf(); }
};
INSTANTIATE_TEST_SUITE_P(Each, Signature, testing::Values("sample", "p256-sample"),
                         [](const auto& info) { return info.param == "sample" ? "Ed25519" : "P256"; });

// ECDSA signatures have another length and other leading zeros every time.
TEST_P(Signature, OfTheRegistrysSignerIsGood) {
  for (int i = 0; i < 64; ++i) {
    const std::string message = "message " + std::to_string(i);
    EXPECT_TRUE(accepts(object(), message, sign(name(), message)));
  }
}

TEST_P(Signature, WithAnyBitChangedIsRefused) {
  const std::string message = "message";
  const std::string signature = sign(name(), message);
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string changed = signature;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_FALSE(accepts(object(), message, changed)) << i;
  }
}

TEST_P(Signature, OfAnotherMessageOrKeyIsRefused) {
  EXPECT_FALSE(accepts(object(), "message2", sign(name(), "message")));
  EXPECT_FALSE(accepts(object(), "message", sign(name() + "-2", "message")));
}

TEST_P(Signature, OfAnotherLengthOrSpellingIsRefused) {
  const std::string signature = sign(name(), "message");
  EXPECT_FALSE(accepts(object(), "message", ""));
  EXPECT_FALSE(accepts(object(), "message", signature + "00"));
  EXPECT_FALSE(accepts(object(), "message", "00" + signature));
  EXPECT_FALSE(accepts(object(), "message", signature.substr(2)));
  EXPECT_FALSE(accepts(object(), "message", signature.substr(1)));
  EXPECT_FALSE(accepts(object(), "message", std::string(1024, '0')));
  std::string upper = signature;
  for (auto& each : upper) each = static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
  if (upper != signature) {
    EXPECT_FALSE(accepts(object(), "message", upper));
  }
}

struct Der {
  std::string name, signature;
};
class WrongDer : public testing::TestWithParam<Der> {};

TEST_P(WrongDer, IsRefused) {
  EXPECT_FALSE(accepts(client::key("p256-sample").to_tuf(), "message", GetParam().signature));
}
const std::string kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
INSTANTIATE_TEST_SUITE_P(Each, WrongDer,
                         testing::Values(Der{"Zeros", "3006020100020100"}, Der{"Ones", "3006020101020101"},
                                         Der{"Negative", "3006020181020101"}, Der{"Padded", "300702020001020101"},
                                         Der{"NoIntegers", "3000"}, Der{"EmptyInteger", "300402000200"},
                                         Der{"LongForm", "308106020101020101"},
                                         Der{"OfTheOrder", "3046022100" + kOrder + "022100" + kOrder},
                                         Der{"TooLong", "30270222" + std::string(68, '1') + "020101"}),
                         [](const auto& info) { return info.param.name; });

// The same r and s in a longer spelling of DER.
TEST(Signature, HasOneSpelling) {
  const auto object = client::key("p256-sample").to_tuf();
  const std::string good = sign("p256-sample", "message");
  std::string size = good.substr(2, 2);
  EXPECT_FALSE(accepts(object, "message", "3081" + size + good.substr(4)));
}

class WrongKey : public testing::TestWithParam<std::pair<std::string, reburst::Json>> {};
TEST_P(WrongKey, IsRefused) {
  PublicKey key;
  const std::string text = canonical(GetParam().second);
  const auto json = parse_json(text, "key");
  ASSERT_TRUE(json) << json.error().found.view();
  EXPECT_FALSE(read_key(*json, key));
}
reburst::Json changed(const std::string& name, const std::function<void(reburst::Json&)>& change) {
  auto object = client::key(name).to_tuf();
  change(object);
  return object;
}
std::string pem(const std::function<void(std::string&)>& change) {
  std::string text = client::key("p256-sample").pem();
  change(text);
  return text;
}
reburst::Json with_pem(const std::function<void(std::string&)>& change) {
  return changed("p256-sample", [&](auto& object) { object["keyval"]["public"] = pem(change); });
}
INSTANTIATE_TEST_SUITE_P(
    Each, WrongKey,
    testing::Values(
        std::pair{"RsaType", changed("sample", [](auto& o) { o["keytype"] = "rsa"; })},
        std::pair{"OtherScheme", changed("sample", [](auto& o) { o["scheme"] = "ed448"; })},
        std::pair{"MixedScheme", changed("p256-sample", [](auto& o) { o["scheme"] = "ed25519"; })},
        std::pair{"Short", changed("sample", [](auto& o) { o["keyval"]["public"] = std::string(62, 'a'); })},
        std::pair{"UpperCase", changed("sample", [](auto& o) { o["keyval"]["public"] = std::string(64, 'A'); })},
        std::pair{"NoValue", changed("sample", [](auto& o) { o.erase("keyval"); })},
        std::pair{"Ed25519Pem",
                  changed("p256-sample", [](auto& o) { o["keyval"]["public"] = client::key("sample").pem(); })},
        std::pair{"NoBegin", with_pem([](auto& text) { text.erase(0, 1); })},
        std::pair{"NoEnd", with_pem([](auto& text) { text.resize(text.size() - 5); })},
        std::pair{"Behind", with_pem([](auto& text) { text += "x"; })},
        std::pair{"MoreDigits", with_pem([](auto& text) { text.insert(text.find("=="), "AAAA"); })},
        std::pair{"FewerDigits", with_pem([](auto& text) { text.erase(text.find("==") - 4, 4); })},
        std::pair{"NotAPoint", with_pem([](auto& text) { text[100] = text[100] == 'A' ? 'B' : 'A'; })},
        std::pair{"Compressed", with_pem([](auto& text) { text.replace(text.find("DQgAE"), 5, "DQgAC"); })}),
    [](const auto& info) { return info.param.first; });

TEST(BootKey, IsTheSameWithoutItsLastLineBreak) {
  const auto object = with_pem([](auto& text) { text.pop_back(); });
  EXPECT_TRUE(accepts(object, "message", sign("p256-sample", "message")));
}

}  // namespace
}  // namespace reburst::boot
