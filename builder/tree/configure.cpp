#include "builder/tree/configure.hpp"

#include "core/text.hpp"

namespace reburst::tree {
namespace {

constexpr const char* kControlFolder = "var/lib/dpkg/tmp.ci";
constexpr std::size_t kOutputLines = 30;

std::string last_output(const std::string& output) {
  const std::string_view tail = tail_lines(trim(output), kOutputLines);
  return tail.empty() ? std::string("\n  (it printed nothing)") : "\n" + indent(tail, "  | ");
}

std::string how(int status) {
  return status > 128 ? "was killed by signal " + std::to_string(status - 128)
                      : "failed with exit status " + std::to_string(status);
}

// dpkg prints the output of a package's script after "Setting up NAME (VERSION) ..." and then, when it fails,
// "dpkg: error processing package NAME (--configure):" with the reason in the next line.
struct Failure {
  std::string package, output;
};
Failure find_failure(std::string_view output) {
  constexpr std::string_view kMark = "dpkg: error processing package ";
  const auto at = output.find(kMark);
  if (at == std::string_view::npos) return {{}, std::string(output)};
  const std::string_view rest = output.substr(at + kMark.size());
  const std::string_view before = output.substr(0, at);
  std::size_t from = at;
  for (const std::string_view start : {"Setting up ", "dpkg: dependency problems prevent configuration of "}) {
    const auto found = before.rfind(start);
    if (found != std::string_view::npos && (from == at || found > from)) from = found;
  }
  const auto reason = output.find('\n', at);
  const auto end = reason == std::string_view::npos ? reason : output.find('\n', reason + 1);
  return {std::string(rest.substr(0, rest.find(' '))),
          std::string(output.substr(from, end == std::string_view::npos ? end : end - from))};
}

}  // namespace

Result<> run_preinst(const Beneath& root, const Sandbox& sandbox, const Package& package,
                     const std::string& dpkg_version) {
  if (!package.has_script("preinst")) return {};
  const std::string folder = kControlFolder;
  REBURST_TRY(root.remove(folder));
  REBURST_TRY(root.make_folders(folder));
  for (const auto& [name, content] : package.control_files) {
    REBURST_TRY(root.write(folder + "/" + name, content, name == "preinst" || name == "config" ? 0755 : 0644));
  }
  REBURST_TRY(root.write(folder + "/control", package.control.text()));
  Sandbox::Run run;
  run.argv = {"/" + folder + "/preinst", "install"};
  run.environment = {"DPKG_MAINTSCRIPT_PACKAGE=" + package.name,
                     "DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1",
                     "DPKG_MAINTSCRIPT_ARCH=" + package.architecture,
                     "DPKG_MAINTSCRIPT_NAME=preinst",
                     "DPKG_MAINTSCRIPT_DEBUG=0",
                     "DPKG_ADMINDIR=/var/lib/dpkg",
                     "DPKG_ROOT=",
                     "DPKG_RUNNING_VERSION=" + dpkg_version};
  const Exit exit = REBURST_TRY(sandbox.run(run));
  REBURST_TRY(root.remove(folder));
  if (exit.status == 0) return {};
  return fail(ErrorCode::kScript, "the preinst script of package \"" + package.name + "\" " + how(exit.status) + ":" +
                                      last_output(exit.out));
}

Result<> configure(const Sandbox& sandbox, const std::vector<std::string>& names) {
  Sandbox::Run run;
  run.argv = {"/usr/bin/dpkg", "--force-confdef", "--force-confnew", "--configure"};
  if (names.empty()) {
    run.argv.emplace_back("--pending");
  } else {
    run.argv.insert(run.argv.end(), names.begin(), names.end());
  }
  const Exit exit = REBURST_TRY(sandbox.run(run));
  if (exit.status == 0) return {};
  const Failure failure = find_failure(exit.out);
  if (failure.package.empty())
    return fail(ErrorCode::kScript, "\"dpkg --configure\" " + how(exit.status) + ":" + last_output(exit.out));
  const bool in_script = failure.output.find("post-installation script") != std::string::npos;
  const std::string who = in_script ? "the postinst script of package \"" + failure.package + "\" failed:"
                                    : "package \"" + failure.package + "\" cannot be configured:";
  return fail(ErrorCode::kScript, who + last_output(failure.output));
}

Result<> preseed(const Beneath& root, const Sandbox& sandbox, const std::vector<recipe::DebconfAnswer>& answers) {
  if (answers.empty()) return {};
  if (!REBURST_TRY(root.examine_target("usr/bin/debconf-set-selections"))) {
    return fail(ErrorCode::kRecipe, "the recipe answers debconf questions, but its packages do not bring debconf",
                "add the package debconf, or remove \"debconf:\"");
  }
  Sandbox::Run run;
  run.argv = {"/usr/bin/debconf-set-selections"};
  for (const recipe::DebconfAnswer& answer : answers) {
    run.input += answer.package + " " + answer.question + " " + answer.type + " " + answer.value + "\n";
  }
  const Exit exit = REBURST_TRY(sandbox.run(run));
  if (exit.status == 0) return {};
  return fail(ErrorCode::kRecipe, "the recipe's debconf answers are not accepted:" + last_output(exit.out));
}

Result<> forbid_services(const Beneath& root) {
  REBURST_TRY(root.make_folders("usr/sbin"));
  return root.write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0755);
}

Result<> allow_services(const Beneath& root) {
  return root.remove("usr/sbin/policy-rc.d");
}

}  // namespace reburst::tree
