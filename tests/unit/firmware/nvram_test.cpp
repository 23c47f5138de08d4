#include "signing/firmware/nvram.hpp"

#include <algorithm>

#include "tests/unit/firmware/support.hpp"

namespace reburst::firmware {
namespace {

constexpr auto kHint = "take OVMF_VARS_4M.fd of the package ovmf";
constexpr std::size_t kFirst = 0x64;  // where OVMF's variables begin

std::string volume() {
  return blank_nvram().value();
}
Enrolment enrolment() {
  return {.platform_key = "pk list", .exchange_keys = "kek list", .allowed = "db list", .revoked = {}, .time = kNow};
}

void malformed(const std::string& bytes, const std::string& why) {
  const auto message = "cannot use \"vars.fd\" as a firmware's NVRAM: " + why;
  refused(read_nvram(bytes, "vars.fd"), ErrorCode::kIntegrity, message, kHint);
  refused(make_nvram(bytes, enrolment(), "vars.fd"), ErrorCode::kIntegrity, message, kHint);
}

const Variable* find(const std::vector<Variable>& variables, std::string_view name) {
  const auto found = std::ranges::find(variables, name, &Variable::name);
  return found == variables.end() ? nullptr : &*found;
}

TEST(Nvram, HoldsWhatWasEnrolled) {
  const auto made = make_nvram(volume(), enrolment(), "vars.fd").value();
  EXPECT_EQ(made.size(), volume().size());
  const auto variables = read_nvram(made, "vars.fd").value();
  ASSERT_EQ(variables.size(), 4U);
  const auto* db = find(variables, "db");
  ASSERT_NE(db, nullptr);
  EXPECT_EQ(*db, (Variable{"db", kImageSecurityDatabase, 0x27, efi_time(kNow), "db list"}));
  EXPECT_EQ(*find(variables, "KEK"), (Variable{"KEK", kGlobalVariable, 0x27, efi_time(kNow), "kek list"}));
  EXPECT_EQ(*find(variables, "PK"), (Variable{"PK", kGlobalVariable, 0x27, efi_time(kNow), "pk list"}));
  EXPECT_EQ(*find(variables, "SecureBootEnable"),
            (Variable{"SecureBootEnable", guid("f0a30bc7-af08-4556-99c4-001009c93a44"), 0x03, {}, "\1"}));
}

TEST(Nvram, HoldsWhatIsRevoked) {
  auto wanted = enrolment();
  wanted.revoked = "dbx list";
  const auto variables = read_nvram(make_nvram(volume(), wanted, "vars.fd").value(), "vars.fd").value();
  EXPECT_EQ(*find(variables, "dbx"), (Variable{"dbx", kImageSecurityDatabase, 0x27, efi_time(kNow), "dbx list"}));
}

TEST(Nvram, ABlankOneHoldsNothing) {
  EXPECT_EQ(read_nvram(volume(), "vars.fd").value().size(), 0U);
}

// The volume with Debian's test keys, which the firmware itself wrote.
TEST(Nvram, ReadsWhatTheFirmwareWrote) {
  const auto theirs = read_file("/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd", 16U << 20U).value();
  const auto variables = read_nvram(theirs, "snakeoil").value();
  for (const auto* name : {"PK", "KEK", "db", "dbx"}) {
    const auto* found = find(variables, name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(found->attributes, kKeyAttributes);
  }
  EXPECT_EQ(*find(variables, "SecureBootEnable"),
            (Variable{"SecureBootEnable", guid("f0a30bc7-af08-4556-99c4-001009c93a44"), 0x03, {}, "\1"}));
}

TEST(Nvram, DeletedVariablesAreNotInForce) {
  auto made = make_nvram(volume(), enrolment(), "vars.fd").value();
  made[kFirst + 2] = '\x3c';
  const auto variables = read_nvram(made, "vars.fd").value();
  EXPECT_EQ(find(variables, "db"), nullptr);
  EXPECT_NE(find(variables, "PK"), nullptr);
}

TEST(Nvram, WhatDoesNotFitIsRefused) {
  auto large = enrolment();
  large.revoked = std::string(300'000, 'x');
  refused(make_nvram(volume(), large, "vars.fd"), ErrorCode::kUsage,
          "cannot make a firmware's NVRAM: \"dbx\" does not fit", "revoke fewer releases");
}

TEST(Nvram, AVolumeThatHasVariablesIsNotWrittenOver) {
  const auto made = make_nvram(volume(), enrolment(), "vars.fd").value();
  refused(make_nvram(made, enrolment(), "vars.fd"), ErrorCode::kIntegrity,
          "cannot use \"vars.fd\" as a firmware's NVRAM: it holds variables already", kHint);
}

TEST(Nvram, OtherVolumesAreRefused) {
  malformed("", "it is no volume of variables");
  malformed(std::string(1000, '\xff'), "it is no volume of variables");
  const auto changed = [](std::size_t at, std::string_view bytes) {
    auto out = volume();
    out.replace(at, bytes.size(), bytes);
    return out;
  };
  malformed(changed(40, "_FVX"), "it is no volume of variables");
  malformed(changed(48, std::string_view("\x10\0", 2)), "its header is cut short");
  malformed(changed(72, "y"), "it has no store of authenticated variables");
  malformed(changed(92, "\xff"), "it has no store of authenticated variables");
  malformed(changed(88, "\xff\xff\xff\xff"), "its store runs over its end");
  malformed(changed(88, std::string_view("\1\0\0\0", 4)), "its store runs over its end");
  malformed(volume().substr(0, 80), "its header is cut short");
}

TEST(Nvram, AVariableThatRunsOverTheEndIsRefused) {
  const auto made = make_nvram(volume(), enrolment(), "vars.fd").value();
  for (const std::size_t at : {36, 40}) {
    auto bytes = made;
    bytes.replace(kFirst + at, 4, "\xff\xff\xff\xff");
    refused(read_nvram(bytes, "vars.fd"), ErrorCode::kIntegrity,
            "cannot use \"vars.fd\" as a firmware's NVRAM: a variable runs over its end", kHint);
  }
}

}  // namespace
}  // namespace reburst::firmware
