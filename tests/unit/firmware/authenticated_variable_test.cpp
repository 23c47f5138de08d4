#include "signing/firmware/authenticated_variable.hpp"

#include "signing/authenticode/der.hpp"
#include "tests/unit/firmware/support.hpp"

namespace reburst::firmware {
namespace {

namespace der = authenticode::der;
using namespace std::string_view_literals;

class AuthenticatedVariable : public KeySet {
 protected:
  static constexpr std::size_t kSignature = 256;  // of RSA-2048, the last bytes of the signed data
};

TEST_F(AuthenticatedVariable, HasTheStructureOfTheSpecification) {
  const auto list = get(keys() / "db.esl");
  const auto whole = authenticated_variable("db", kKeyAttributes, list, kNow, key("KEK")).value();
  EXPECT_EQ(whole.substr(0, 16), "\xea\x07\x07\x0b\x0a\x11\x39\0\0\0\0\0\0\0\0\0"sv) << "2026-07-11 10:17:57";
  const auto size = static_cast<unsigned char>(whole[16]) + 256U * static_cast<unsigned char>(whole[17]);
  EXPECT_EQ(whole.substr(18, 6), "\0\0\0\x02\xf1\x0e"sv);
  EXPECT_EQ(whole.substr(24, 16), "\x9d\xd2\xaf\x4a\xdf\x68\xee\x49\x8a\xa9\x34\x7d\x37\x56\x65\xa7");
  EXPECT_EQ(whole.substr(16 + size), list);
  std::string_view data(whole);
  data = data.substr(40, size - 24);
  EXPECT_TRUE(der::take(data, der::kSequence));
  EXPECT_EQ(data, "") << "the signed data fills its place";
}

// The same bytes are signed as by efitools' sign-efi-sig-list, and RSA gives the same signature for them.
TEST_F(AuthenticatedVariable, SignsWhatEfitoolsSigns) {
  struct Case {
    const char *name, *by;
  };
  for (const Case& each : {Case{"PK", "PK"}, Case{"KEK", "PK"}, Case{"db", "KEK"}}) {
    const auto list = keys() / (std::string(each.name) + ".esl");
    tool({"sign-efi-sig-list", "-t", "2026-07-11 10:17:57", "-k", (keys() / each.by).string() + ".pem", "-c",
          (keys() / each.by).string() + ".crt", each.name, list.string(), file("theirs.auth").string()});
    const auto theirs = get(file("theirs.auth"));
    const auto ours = authenticated_variable(each.name, kKeyAttributes, get(list), kNow, key(each.by)).value();
    const auto tail = get(list).size() + kSignature;
    ASSERT_GT(theirs.size(), tail);
    EXPECT_EQ(ours.substr(ours.size() - tail), theirs.substr(theirs.size() - tail)) << each.name;
    EXPECT_EQ(ours.substr(0, 16), theirs.substr(0, 16)) << each.name;
  }
}

TEST_F(AuthenticatedVariable, OpensslVerifiesTheSignedData) {
  const auto list = get(keys() / "db.esl");
  const auto whole = authenticated_variable("db", kKeyAttributes, list, kNow, key("KEK")).value();
  const auto data = whole.substr(40, whole.size() - 40 - list.size());
  const auto info = der::element(
      der::kSequence, {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"sv, der::element(der::constructed(0), data)});
  const auto message =
      utf16("db") + bytes_of(kImageSecurityDatabase) + little_endian(kKeyAttributes, 4) + efi_time(kNow) + list;
  const auto verify = [&](const std::string& content) {
    return judge({"openssl", "smime", "-verify", "-binary", "-inform", "DER", "-in", put("info", info), "-content",
                  put("content", content), "-certfile", (keys() / "KEK.crt").string(), "-noverify", "-out",
                  "/dev/null"});
  };
  EXPECT_EQ(verify(message).status, 0) << verify(message).out;
  EXPECT_NE(verify(message + "x").status, 0);
}

}  // namespace
}  // namespace reburst::firmware
