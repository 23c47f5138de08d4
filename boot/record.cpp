#include "boot/files.hpp"
#include "boot/steps.hpp"

namespace reburst::boot {

void Timeline::mark(std::string_view name) {
  if (count_ < steps_.size()) steps_[count_++] = Step{name, now_microseconds()};
}

// Names come from the strict parser and from init.cpp: none needs escaping.
Result<> write_record(const BootConf& conf, const Timeline& timeline) {
  REBURST_BOOT_TRY(make_folder("/run/reburst", 0755));
  Text<2048> json("{\"role\":\"");
  json.add(conf.role).add("\",\"root_hash\":\"").add_hex(conf.root_hash).add("\",\"steps\":[");
  bool first = true;
  for (const Step& step : timeline.steps()) {
    if (!first) json.add(',');
    first = false;
    json.add("{\"microseconds\":").add_number(step.microseconds).add(",\"name\":\"").add(step.name).add("\"}");
  }
  json.add("],\"version\":\"").add(conf.version).add("\"}\n");
  return write_file("/run/reburst/boot.json", json, 0644);
}

}  // namespace reburst::boot
