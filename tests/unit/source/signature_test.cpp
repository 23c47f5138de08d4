#include "builder/source/signature.hpp"

#include <gtest/gtest.h>

#include "tests/support/archive/test_archive.hpp"

namespace reburst::source {
namespace {

const std::string kKeyringHint =
    "install the archive's current keyring (for Debian: debian-archive-keyring), or name the right one (Signed-By in "
    "apt's sources, "
    "keyring: in a recipe)";
const std::string kMirrorHint = "use another mirror; if all serve the same, tell whoever runs the archive";

class SignatureTest : public testing::Test {
 protected:
  fs::path keyring(const std::vector<std::string>& keys, bool armored = false) {
    std::string content;
    for (const auto& key : keys) content += signer_.export_key(key, armored);
    const fs::path path = folder_->path() / (std::to_string(++files_) + (armored ? ".asc" : ".gpg"));
    test::put_file(path, content);
    return path;
  }

  Result<std::string> verify_with(const SignedFile& file, const Trust& trust) {
    const fs::path scratch = folder_->path() / ("scratch" + std::to_string(++files_));
    EXPECT_TRUE(make_directories(scratch));
    return verify(file, trust, scratch, "x");
  }

  void refuses(const SignedFile& file, const Trust& trust, const std::string& why, const std::string& hint) {
    const auto text = verify_with(file, trust);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code, ErrorCode::kSignature);
    EXPECT_EQ(text.error().message, "cannot verify \"x\": " + why);
    EXPECT_EQ(text.error().hint, hint);
  }

  Result<TempDirectory> folder_ = TempDirectory::make("/tmp", "signature-test");
  int files_ = 0;
  test::Signer signer_;
  std::string key_ = signer_.make_key("archive@example.org");
  std::string text_ = "Origin: Example\n- dashed\nDate: now\n";
};

TEST_F(SignatureTest, GivesExactlyTheSignedText) {
  const SignedFile file{signer_.clear_sign(text_, {key_}), std::nullopt};
  for (const bool armored : {false, true}) {
    const auto text = verify_with(file, {{keyring({key_}, armored)}, {}});
    ASSERT_TRUE(text) << text.error().render();
    EXPECT_EQ(*text, text_);
  }
}

TEST_F(SignatureTest, TakesADetachedSignature) {
  const SignedFile file{text_, signer_.detached_signature(text_, key_)};
  EXPECT_EQ(*verify_with(file, {{keyring({key_})}, {}}), text_);
  refuses({text_ + "x", file.signature}, {{keyring({key_})}, {}},
          "a signature is wrong: the content was changed after it was signed", kMirrorHint);
}

TEST_F(SignatureTest, OneTrustedSignatureOfSeveralIsEnough) {
  const auto other = signer_.make_key("other@example.org");
  const SignedFile file{signer_.clear_sign(text_, {other, key_}), std::nullopt};
  EXPECT_EQ(*verify_with(file, {{keyring({key_})}, {}}), text_);
  EXPECT_EQ(*verify_with(file, {{keyring({other}), keyring({key_}, true)}, {}}), text_);
}

TEST_F(SignatureTest, RefusesAnUnknownKey) {
  const auto other = signer_.make_key("other@example.org");
  refuses({signer_.clear_sign(text_, {key_}), std::nullopt}, {{keyring({other})}, {}},
          "no signature by a trusted key\n  key " + key_.substr(24) + " is not in the keyring", kKeyringHint);
  refuses({signer_.clear_sign(text_, {key_}), std::nullopt}, {}, "there is no keyring to check it against",
          kKeyringHint);
}

TEST_F(SignatureTest, OnlyTheNamedFingerprintsCount) {
  const SignedFile file{signer_.clear_sign(text_, {key_}), std::nullopt};
  const auto other = signer_.make_key("other@example.org");
  const auto both = keyring({key_, other});
  EXPECT_TRUE(verify_with(file, {{both}, {key_}}));
  EXPECT_TRUE(verify_with(file, {{both}, {other, key_ + "!"}}));
  refuses(file, {{both}, {other}}, "no signature by a trusted key\n  key " + key_ + " is not one that Signed-By names",
          kKeyringHint);
}

TEST_F(SignatureTest, RefusesChangedContent) {
  std::string content = signer_.clear_sign(text_, {key_});
  content.replace(content.find("Example"), 7, "Evil...");
  refuses({content, std::nullopt}, {{keyring({key_})}, {}},
          "a signature is wrong: the content was changed after it was signed", kMirrorHint);
}

TEST_F(SignatureTest, RefusesExpiredAndRevokedKeys) {
  const auto old = signer_.make_key("old@example.org", "seconds=1000", "20200101T000000");
  refuses({signer_.clear_sign(text_, {old}, "20200101T000100"), std::nullopt}, {{keyring({old})}, {}},
          "no signature by a trusted key\n  key " + old.substr(24) + " has expired", kKeyringHint);
  const SignedFile file{signer_.clear_sign(text_, {key_}), std::nullopt};
  signer_.revoke(key_);
  refuses(file, {{keyring({key_})}, {}}, "no signature by a trusted key\n  key " + key_.substr(24) + " was revoked",
          kKeyringHint);
}

TEST_F(SignatureTest, RefusesAnythingButOneSignedMessage) {
  const std::string good = signer_.clear_sign(text_, {key_});
  const Trust trust{{keyring({key_})}, {}};
  std::string header = good;
  header.insert(good.find("Hash:"), "Origin: Evil\n");
  std::string inside = good;
  inside.insert(good.find("Origin"), "-----BEGIN PGP SIGNED MESSAGE-----\n");
  std::string armor = good;
  armor.insert(good.find("-----END"), "-----BEGIN PGP SIGNATURE-----\n");
  refuses({"Origin: Evil\n" + good, std::nullopt}, trust, "it does not begin with a clear-signed message", kMirrorHint);
  refuses({good + "Origin: Evil\n", std::nullopt}, trust, "text outside the signed part", kMirrorHint);
  refuses({good + good, std::nullopt}, trust, "text outside the signed part", kMirrorHint);
  refuses({header, std::nullopt}, trust, "text before the signed part", kMirrorHint);
  refuses({inside, std::nullopt}, trust, "an armor line inside the signed part", kMirrorHint);
  refuses({armor, std::nullopt}, trust, "an armor line inside the signature", kMirrorHint);
  refuses({good.substr(0, good.find("-----END")), std::nullopt}, trust, "its signature is missing or cut short",
          kMirrorHint);
  refuses({text_, std::nullopt}, trust, "it does not begin with a clear-signed message", kMirrorHint);
  refuses({"", std::nullopt}, trust, "it does not begin with a clear-signed message", kMirrorHint);
}

TEST_F(SignatureTest, SaysWhichKeyringIsMissing) {
  const auto text = verify_with({signer_.clear_sign(text_, {key_}), std::nullopt}, {{"/nonexistent/k.gpg"}, {}});
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::kMissing);
  EXPECT_EQ(text.error().render(),
            "cannot open \"/nonexistent/k.gpg\": No such file or directory\n  hint: " + kKeyringHint);
}

TEST(Judge, BelievesNoBrokenHashAndNoEmptyAnswer) {
  const auto status = [](const std::string& hash) {
    return "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG AAAA name\n[GNUPG:] VALIDSIG FFFF 2026-01-01 1 0 4 0 22 " + hash +
           " 01 FFFF\n";
  };
  EXPECT_TRUE(judge(status("10"), {}, "x"));
  EXPECT_EQ(judge(status("2"), {}, "x").error().message,
            "cannot verify \"x\": no signature by a trusted key\n  the signature by key FFFF uses a broken hash");
  EXPECT_EQ(judge("", {}, "x").error().message, "cannot verify \"x\": it holds no signature");
  EXPECT_EQ(
      judge("[GNUPG:] NEWSIG\n[GNUPG:] EXPSIG AAAA name\n[GNUPG:] VALIDSIG FFFF 2026-01-01 1 0 4 0 22 10 01 FFFF\n", {},
            "x")
          .error()
          .message,
      "cannot verify \"x\": no signature by a trusted key\n  the signature by key AAAA has expired");
  EXPECT_EQ(judge("[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG AAAA 22 10 00 1 4\n", {}, "x").error().message,
            "cannot verify \"x\": no signature by a trusted key\n  the signature by key AAAA cannot be checked");
  EXPECT_FALSE(judge(status("10") + "[GNUPG:] NEWSIG\n[GNUPG:] BADSIG BBBB name\n", {}, "x"));
}

}  // namespace
}  // namespace reburst::source
