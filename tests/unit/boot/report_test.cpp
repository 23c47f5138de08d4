#include <gtest/gtest.h>

#include "boot/steps.hpp"
#include "core/json.hpp"

namespace reburst::boot {
namespace {

BootConf web() {
  BootConf conf;
  conf.role.add("web");
  conf.version.add("20260711T101637Z");
  conf.root_hash.fill(0x7c);
  return conf;
}

TEST(Report, TellsWhatWasFound) {
  Facts facts;
  facts.secure_boot = SecureBoot::kOn;
  facts.scan = {.bytes = 265666560, .microseconds = 812345};
  EXPECT_EQ(report(web(), facts).view(),
            "{\"format\":3,\"panic_on_error\":false,\"role\":\"web\",\"root_hash\":"
            "\"7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c7c\","
            "\"scan\":{\"bytes\":265666560,\"microseconds\":812345},\"secure_boot\":\"on\",\"steps\":[],"
            "\"ticket\":\"none\",\"tpm\":\"none\",\"version\":\"20260711T101637Z\"}\n");
}

TEST(Report, SaysThatTheScanWasOff) {
  Facts facts;
  facts.panic_on_error = true;
  const auto json = parse_json(report(web(), facts).view(), "boot.json").value();
  EXPECT_EQ(json.at("scan"), "off");
  EXPECT_EQ(json.at("secure_boot"), "unknown");
  EXPECT_EQ(json.at("panic_on_error"), true);
}

TEST(Report, TellsOfTheTicket) {
  Facts facts;
  facts.has_ticket = true;
  facts.ticket.clone.add("web-17");
  facts.ticket.channel.add("stable");
  facts.ticket.digest.fill(0x5a);
  facts.ticket.security_epoch = 3;
  facts.ticket.time = 1'795'219'200;
  facts.ticket.until = 1'795'305'600;
  const auto json = parse_json(report(web(), facts).view(), "boot.json").value();
  EXPECT_EQ(canonical_json(json.at("ticket")),
            "{\"channel\":\"stable\",\"for\":\"web-17\",\"security_epoch\":3,\"sha256\":"
            "\"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\","
            "\"time\":\"2026-11-21T00:00:00Z\",\"until\":\"2026-11-22T00:00:00Z\"}\n");
}

TEST(Report, TellsWhatTheTpmMeasured) {
  Facts facts;
  facts.registers.there = true;
  facts.registers.boot_program.fill(0x04);
  facts.registers.secure_boot.fill(0x07);
  facts.registers.sections.fill(0x11);
  const auto json = parse_json(report(web(), facts).view(), "boot.json").value();
  EXPECT_EQ(canonical_json(json.at("tpm")),
            "{\"pcr11\":\"1111111111111111111111111111111111111111111111111111111111111111\","
            "\"pcr4\":\"0404040404040404040404040404040404040404040404040404040404040404\","
            "\"pcr7\":\"0707070707070707070707070707070707070707070707070707070707070707\"}\n");
}

TEST(Report, IsCanonicalAndFitsWithTheLongestNamesAndTheMostSteps) {
  BootConf conf = web();
  conf.role = Text<65>(std::string(64, 'r'));
  conf.version = Text<65>(std::string(64, 'v'));
  Facts facts;
  facts.scan = {.bytes = UINT64_MAX, .microseconds = UINT64_MAX};
  facts.has_ticket = true;
  facts.ticket.clone = Text<65>(std::string(64, 'c'));
  facts.ticket.channel = Text<65>(std::string(64, 'd'));
  facts.ticket.security_epoch = UINT64_MAX >> 11U;
  facts.registers.there = true;
  facts.ticket.time = facts.ticket.until = 253'402'300'799;
  for (int i = 0; i < 20; ++i) facts.timeline.mark("a_name_of_a_step");
  const auto text = report(conf, facts);
  ASSERT_FALSE(text.full());
  const auto json = parse_json(text.view(), "boot.json").value();
  EXPECT_EQ(canonical_json(json), text.view());
  EXPECT_EQ(json.at("steps").size(), 16U);
}

}  // namespace
}  // namespace reburst::boot
