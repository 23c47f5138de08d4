#include "boot/files.hpp"
#include "boot/parse.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

namespace {

void add_scan(Text<4096>& json, const Scan& scan) {
  if (scan.bytes == 0) {
    json.add("\"off\"");
    return;
  }
  json.add("{\"bytes\":").add_number(scan.bytes).add(",\"microseconds\":").add_number(scan.microseconds).add('}');
}

// The clone's name and the channel's have a strict parser, too.
void add_ticket(Text<4096>& json, const Facts& facts) {
  if (!facts.has_ticket) {
    json.add("\"none\"");
    return;
  }
  const TicketAnswer& ticket = facts.ticket;
  json.add("{\"channel\":\"").add(ticket.channel).add("\",\"for\":\"").add(ticket.clone);
  json.add("\",\"security_epoch\":").add_number(ticket.security_epoch);
  json.add(",\"sha256\":\"").add_hex(ticket.digest).add("\",\"time\":\"").add(time_text(ticket.time));
  json.add("\",\"until\":\"").add(time_text(ticket.until)).add("\"}");
}

void add_registers(Text<4096>& json, const Registers& registers) {
  if (!registers.there) {
    json.add("\"none\"");
    return;
  }
  json.add("{\"pcr11\":\"").add_hex(registers.sections).add("\",\"pcr4\":\"").add_hex(registers.boot_program);
  json.add("\",\"pcr7\":\"").add_hex(registers.secure_boot).add("\"}");
}

void add_steps(Text<4096>& json, const Timeline& timeline) {
  json.add('[');
  bool first = true;
  for (const Step& step : timeline.steps()) {
    if (!first) json.add(',');
    first = false;
    json.add("{\"microseconds\":").add_number(step.microseconds).add(",\"name\":\"").add(step.name).add("\"}");
  }
  json.add(']');
}

}  // namespace

void Timeline::mark(std::string_view name) {
  if (count_ < steps_.size()) steps_[count_++] = Step{name, now_microseconds()};
}

// Canonical: keys are sorted. Names come from the strict parser and from init.cpp, so none needs escaping.
Text<4096> report(const BootConf& conf, const Facts& facts) {
  Text<4096> json("{\"format\":3,\"panic_on_error\":");
  json.add(facts.panic_on_error ? "true" : "false");
  json.add(",\"role\":\"").add(conf.role).add("\",\"root_hash\":\"").add_hex(conf.root_hash).add("\",\"scan\":");
  add_scan(json, facts.scan);
  json.add(",\"secure_boot\":\"").add(name(facts.secure_boot)).add("\",\"steps\":");
  add_steps(json, facts.timeline);
  json.add(",\"ticket\":");
  add_ticket(json, facts);
  json.add(",\"tpm\":");
  add_registers(json, facts.registers);
  json.add(",\"version\":\"").add(conf.version).add("\"}\n");
  return json;
}

Result<> write_record(const BootConf& conf, const Facts& facts) {
  REBURST_BOOT_TRY(make_folder("/run/reburst", 0755));
  return write_file("/run/reburst/boot.json", report(conf, facts), 0644);
}

}  // namespace reburst::boot
