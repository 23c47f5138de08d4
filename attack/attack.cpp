#include "attack/attack.hpp"

#include <algorithm>

#include "attack/initrd.hpp"
#include "attack/judge.hpp"
#include "core/file.hpp"
#include "core/parallel.hpp"
#include "trial/judge.hpp"
#include "trial/state_disk.hpp"

namespace reburst::attack {

namespace {

// What boots the release as it is: the case changes it then.
Result<trial::BareMachine> released_machine(const Case& attack, const Bench& bench) {
  trial::BareMachine out;
  out.disks.push_back({bench.subject.release.disk});
  if (!bench.subject.release.state.empty()) {
    const auto state = bench.folder / "state.raw";
    REBURST_TRY(trial::write_state_disk(bench.subject.release.state, state));
    out.disks.push_back({state});
  }
  out.ticket = bench.means.ticket;
  out.firmware = attack.by == By::kFirmware;
  if (out.firmware) {
    out.nvram = bench.means.nvram;
    return out;
  }
  out.kernel = bench.subject.release.kernel;
  out.initrd = bench.subject.release.initrd;
  out.append = bench.subject.release.cmdline;
  if (const auto conf = direct_conf(bench.subject); conf != bench.subject.conf) REBURST_TRY(put_conf(bench, out, conf));
  return out;
}

void judge(Verdict& verdict, const Subject& subject, const trial::Watched& watched) {
  const Case& attack = *verdict.attack;
  verdict.found = outcome_of(verdict.console, subject);
  const auto line = matching_line(verdict.console, attack.shows, subject);
  const auto hidden = attack.hides.empty() ? std::nullopt : matching_line(verdict.console, attack.hides, subject);
  verdict.shown = line.value_or("");
  if (verdict.found != attack.expected) {
    verdict.detail = "expected: " + std::string(outcome_name(attack.expected)) +
                     "\nfound:    " + std::string(outcome_name(verdict.found));
  } else if (!line) {
    verdict.detail = "the console does not say \"" + std::string(attack.shows) + '"';
  } else if (hidden) {
    verdict.detail = "the console says \"" + *hidden + '"';
  } else if (watched.timed_out && (attack.needs & need::kSystem) != 0) {
    verdict.detail = "the system did not come up in time, so nothing shows whether it was changed";
  } else {
    verdict.detail = measured_otherwise(attack.measured, watched.registers, subject);
  }
  verdict.state = verdict.detail.empty() ? State::kAsExpected : State::kUnexpected;
}

Result<Verdict> run_in(const std::filesystem::path& folder, const Case& attack, const Subject& subject,
                       const Means& means, const Options& options) {
  Verdict out{.attack = &attack, .shown = {}, .detail = {}, .console = {}};
  out.state = State::kNotApplicable;
  const Bench bench{subject, means, folder};
  auto machine = REBURST_TRY(released_machine(attack, bench));
  if (const auto made = attack.make(bench, machine); !made) {
    if (made.error().code != ErrorCode::kMissing) return fail(made.error());
    out.detail = made.error().message;
    return out;
  }
  const auto watched = REBURST_TRY(trial::watch(machine, folder, options.accelerator, options.timeout_seconds,
                                                [&](std::string_view console) { return enough(attack, console); }));
  out.console = trial::console_tail(watched.console, watched.console.size() + 1);  // all lines
  out.seconds = watched.seconds;
  judge(out, subject, watched);
  return out;
}

Result<Verdict> run_case(const Case& attack, const Subject& subject, const Means& means, const Options& options) {
  if (auto why = lacking(attack, subject, means); !why.empty())
    return Verdict{.attack = &attack, .state = State::kNotApplicable, .shown = {}, .detail = why, .console = {}};
  if (options.keep.empty()) {
    const TempDirectory folder = REBURST_TRY(TempDirectory::make(options.work, attack.name));
    return run_in(folder.path(), attack, subject, means, options);
  }
  const auto folder = options.keep / attack.name;
  REBURST_TRY(make_directories(folder));
  auto out = REBURST_TRY(run_in(folder, attack, subject, means, options));
  REBURST_TRY(write_file_atomic(folder / "console.txt", out.console));
  return out;
}

std::string line_of(const Verdict& verdict) {
  const std::string number = verdict.attack->number == 0 ? "-" : std::to_string(verdict.attack->number);
  const std::string told = verdict.state == State::kNotApplicable
                               ? "not applicable: " + verdict.detail
                               : std::string(outcome_name(verdict.found)) +
                                     (verdict.state == State::kAsExpected ? ", as expected" : ", NOT as expected");
  return number + " " + std::string(verdict.attack->name) + ": " + told;
}

}  // namespace

Result<std::vector<const Case*>> choose(const std::vector<std::string>& words) {
  const auto all = cases();
  for (const auto& word : words) {
    const bool known = word == "short" || word == "all" ||
                       std::ranges::any_of(all, [&](const Case& each) { return each.name == word; });
    if (!known)
      return fail(ErrorCode::kUsage, "there is no case \"" + word + "\"", "\"reburst attack --list\" shows them all");
  }
  std::vector<const Case*> out;
  for (const Case& each : all) {
    const auto wanted = [&](const std::string& word) {
      return word == "all" || word == each.name || (word == "short" && each.list == List::kShort);
    };
    if (std::ranges::any_of(words, wanted)) out.push_back(&each);
  }
  return out;
}

Result<std::vector<Verdict>> run(const std::vector<const Case*>& chosen, const Subject& subject, const Means& means,
                                 const Options& options, Progress& progress) {
  if (subject.told("ticket") == "required" && means.ticket.empty()) {
    return fail(ErrorCode::kUsage, "the release boots with a release ticket only, and none was named",
                "name one with --ticket; \"reburst ticket\" makes it");
  }
  std::vector<Verdict> out(chosen.size());
  progress.begin("attack", chosen.size(), Progress::Unit::kItems);
  REBURST_TRY(parallel_for(options.jobs, chosen.size(), [&](std::size_t i) -> Result<> {
    out[i] = REBURST_TRY(with_context(run_case(*chosen[i], subject, means, options),
                                      "attacking with the case \"" + std::string(chosen[i]->name) + '"'));
    progress.note(line_of(out[i]));
    progress.advance(1);
    return {};
  }));
  return out;
}

std::string_view state_name(State state) {
  switch (state) {
    case State::kAsExpected: return "as-expected";
    case State::kUnexpected: return "unexpected";
    case State::kNotApplicable: break;
  }
  return "not-applicable";
}

}  // namespace reburst::attack
