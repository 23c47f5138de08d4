#include "trial/judge.hpp"

#include "core/text.hpp"

namespace reburst::trial {

namespace {

constexpr std::size_t kMaxQuoted = 2000;

std::string_view without_newlines(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

// A value on the line of its label; longer text below it, indented.
std::string in_quotes(std::string_view text) {
  text = without_newlines(text);
  std::string out(text.substr(0, kMaxQuoted));
  if (text.size() > kMaxQuoted) out += " …";
  if (out.find('\n') == std::string::npos) return '"' + out + '"';
  std::string lines = indent(out, "    ");
  while (lines.ends_with('\n')) lines.pop_back();
  return "\n" + lines;
}

std::string comparison(const std::string& expected, const std::string& found) {
  return "expected: " + expected + "\nfound:    " + found;
}

}  // namespace

TestResult judge_command(const std::string& name, const recipe::CommandTest& expected, const CommandOutcome& found) {
  const bool wants_text = expected.stdout_text.has_value();
  const bool any_status = expected.status < 0 && wants_text;
  const int wanted = expected.status < 0 ? 0 : expected.status;
  const std::string errors = found.error.empty() ? "" : "\nstderr:   " + in_quotes(found.error);
  if (!any_status && found.status != wanted) {
    const std::string output = found.out.empty() ? "" : "\nstdout:   " + in_quotes(found.out);
    return {name, Outcome::kFailed,
            comparison("exit status " + std::to_string(wanted), "exit status " + std::to_string(found.status)) +
                output + errors};
  }
  if (wants_text && without_newlines(*expected.stdout_text) != without_newlines(found.out)) {
    return {name, Outcome::kFailed, comparison(in_quotes(*expected.stdout_text), in_quotes(found.out)) + errors};
  }
  return {name, Outcome::kPassed, {}};
}

TestResult judge_http(const std::string& name, const recipe::HttpTest& expected, int status) {
  if (status == expected.status) return {name, Outcome::kPassed, {}};
  const std::string where = "port " + std::to_string(expected.port) + ", path \"" + expected.path + "\"";
  return {name, Outcome::kFailed,
          comparison("status " + std::to_string(expected.status) + " from " + where,
                     status == 0 ? "no answer" : "status " + std::to_string(status))};
}

std::string console_tail(std::string_view console, std::size_t lines) {
  std::string plain;
  for (std::size_t i = 0; i < console.size(); ++i) {
    const char each = console[i];
    if (each == '\x1b') {  // ECMA-48: ESC, or ESC [ parameters, up to a final byte
      if (i + 1 < console.size() && console[i + 1] == '[') ++i;
      while (i + 1 < console.size() && (console[i + 1] < '@' || console[i + 1] > '~')) ++i;
      ++i;
    } else if (each == '\n' || each == '\t' || static_cast<unsigned char>(each) >= ' ') {
      plain += each;
    }
  }
  return std::string(tail_lines(plain, lines));
}

}  // namespace reburst::trial
