#include "attack/evidence.hpp"

#include <algorithm>

#include "core/digest.hpp"
#include "core/valid_utf8.hpp"

namespace reburst::attack {

namespace {

Json case_json(const Verdict& verdict) {
  const Case& attack = *verdict.attack;
  Json out = {{"name", attack.name},
              {"by", attack.by == By::kFirmware ? "firmware" : "direct"},
              {"done", attack.what},
              {"why", attack.why},
              {"expected", outcome_name(attack.expected)},
              {"state", state_name(verdict.state)}};
  if (attack.number != 0) out["number"] = attack.number;
  if (!verdict.detail.empty()) out["detail"] = valid_utf8(verdict.detail);
  if (verdict.state == State::kNotApplicable) return out;
  out["outcome"] = outcome_name(verdict.found);
  out["milliseconds"] = static_cast<std::uint64_t>(verdict.seconds * 1000);
  out["console"] = {{"said", valid_utf8(verdict.shown)},
                    {"sha256", sha256(verdict.console).hex()},
                    {"size", static_cast<std::uint64_t>(verdict.console.size())}};
  return out;
}

}  // namespace

Json predicate(const std::vector<Verdict>& verdicts, const Circumstances& circumstances) {
  Json list = Json::array();
  for (const auto& each : verdicts) list.push_back(case_json(each));
  return {{"accelerator", trial::accelerator_name(circumstances.accelerator)},
          {"cases", list},
          {"passed", passed(verdicts)},
          {"qemu", circumstances.qemu},
          {"started", iso_time(circumstances.started)},
          {"tool", circumstances.tool}};
}

bool passed(const std::vector<Verdict>& verdicts) {
  const auto is = [](State state) { return [state](const Verdict& each) { return each.state == state; }; };
  return std::ranges::none_of(verdicts, is(State::kUnexpected)) &&
         std::ranges::any_of(verdicts, is(State::kAsExpected));
}

}  // namespace reburst::attack
