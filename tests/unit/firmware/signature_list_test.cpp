#include "signing/firmware/signature_list.hpp"

#include <array>

#include "tests/unit/firmware/support.hpp"

namespace reburst::firmware {
namespace {

class SignatureList : public KeySet {};

// efitools' cert-to-efi-sig-list makes the same bytes.
TEST_F(SignatureList, OfACertificateIsThatOfEfitools) {
  const auto owner = guid("11111111-2222-3333-4444-555566667777");
  tool({"cert-to-efi-sig-list", "-g", "11111111-2222-3333-4444-555566667777", (keys() / "db.crt").string(),
        file("theirs.esl").string()});
  EXPECT_EQ(certificate_list(certificate("db"), owner), get(file("theirs.esl")));
}

TEST_F(SignatureList, OfDigestsIsReadByEfitools) {
  const std::array programs{sha256("one"), sha256("two")};
  const auto list = digest_list(programs, owner_of(certificate("PK")));
  EXPECT_EQ(list.size(), 28U + 2 * 48);
  const auto shown = tool({"sig-list-to-certs", put("digests.esl", list), file("digest").string()});
  EXPECT_THAT(shown, testing::HasSubstr("SHA256"));
  EXPECT_THAT(get(file("digest-0.hash")),
              testing::EndsWith(std::string(reinterpret_cast<const char*>(programs[0].bytes.data()), 32)));
  EXPECT_THAT(get(file("digest-1.hash")),
              testing::EndsWith(std::string(reinterpret_cast<const char*>(programs[1].bytes.data()), 32)));
}

TEST_F(SignatureList, OfNothingIsEmpty) {
  EXPECT_EQ(digest_list({}, Guid{}), "");
}

TEST_F(SignatureList, TheOwnerIsThePlatformKeys) {
  const auto owner = owner_of(certificate("PK"));
  EXPECT_EQ(owner, owner_of(certificate("PK")));
  EXPECT_NE(owner, owner_of(certificate("db")));
  EXPECT_EQ(owner[7] >> 4U, 8);
  EXPECT_EQ(owner[8] >> 6U, 2);
}

}  // namespace
}  // namespace reburst::firmware
