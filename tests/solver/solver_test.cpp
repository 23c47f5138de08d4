// Runs every tests/solver/*.case: a small archive, a request, and what must come of it. The notation is in README.md
// there.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/text.hpp"
#include "tests/solver/fixture.hpp"

namespace reburst::test {
namespace {

struct SolverCase {
  struct IndexText {
    std::string packages;
    int priority = 500;
  };
  std::vector<IndexText> indexes;
  std::vector<std::pair<std::string, std::string>> locals;  // file name, control
  resolve::Request request;
  std::vector<std::string> set;      // "name version"
  std::vector<std::string> problem;  // lines as a user would see them
  std::vector<std::string> reasons;  // "name <- reason"
};

class CaseParser {
 public:
  SolverCase parse(const std::string& text) {
    for (const auto line : split(text, '\n')) {
      if (trim(line).empty() || line.front() == '#') continue;
      if (line.front() == ' ') {
        indented(trim(line));
      } else {
        directive(std::string(line), split_words(line));
      }
    }
    flush();
    return std::move(case_);
  }

 private:
  enum class Section { kNone, kPackage, kSet, kProblem, kReasons };

  void directive(const std::string& line, const std::vector<std::string_view>& words) {
    flush();
    section_ = Section::kNone;
    if (words[0] == "index") {
      case_.indexes.push_back({{}, words.size() > 1 ? static_cast<int>(parse_decimal(words[1]).value()) : 500});
    } else if (words[0] == "package" || words[0] == "local") {
      section_ = Section::kPackage;
      local_ = words[0] == "local";
      stanza_ = "Package: " + std::string(words.at(1)) + "\nVersion: " + std::string(words.at(2)) + "\n";
      name_ = words[1];
    } else if (words[0] == "expect") {
      section_ = Section::kSet;
    } else if (words[0] == "unsolvable") {
      section_ = Section::kProblem;
    } else if (words[0] == "reasons") {
      section_ = Section::kReasons;
    } else if (words[0] == "recommends") {
      case_.request.recommends = true;
    } else if (words[0] == "install" || words[0] == "exclude" || words[0] == "provided") {
      auto& list = words[0] == "install"   ? case_.request.install
                   : words[0] == "exclude" ? case_.request.exclude
                                           : case_.request.provided;
      list.insert(list.end(), words.begin() + 1, words.end());
    } else if (words[0] == "without" && words.at(1) == "essential") {
      case_.request.essential = false;
    } else {
      ADD_FAILURE() << "unknown directive: " << line;
    }
  }

  void indented(std::string_view line) {
    switch (section_) {
      case Section::kPackage: stanza_ += std::string(line) + "\n"; break;
      case Section::kSet: case_.set.emplace_back(line); break;
      case Section::kProblem: case_.problem.emplace_back(line); break;
      case Section::kReasons: case_.reasons.emplace_back(line); break;
      case Section::kNone: ADD_FAILURE() << "a line without a section: " << line;
    }
  }

  void flush() {
    if (stanza_.empty()) return;
    if (local_) {
      if (stanza_.find("Architecture:") == std::string::npos) stanza_ += "Architecture: amd64\n";
      case_.locals.emplace_back(name_ + ".deb", stanza_);
    } else {
      if (case_.indexes.empty()) case_.indexes.emplace_back();
      case_.indexes.back().packages += stanza_ + "\n";
    }
    stanza_.clear();
  }

  SolverCase case_;
  Section section_ = Section::kNone;
  std::string stanza_, name_;
  bool local_ = false;
};

std::vector<std::string> problem_lines(const resolve::Unsolvable& unsolvable) {
  std::vector<std::string> out;
  for (const auto& problem : unsolvable.problems) {
    out.push_back(problem.what);
    for (const auto& solution : problem.solutions) out.push_back("- " + solution);
  }
  return out;
}

std::vector<fs::path> case_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(REBURST_SOURCE_DIR) / "tests/solver")) {
    if (entry.path().extension() == ".case") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Solver : public testing::TestWithParam<fs::path> {};

TEST_P(Solver, GivesTheExpectedSet) {
  const auto one = CaseParser().parse(read_file(GetParam(), 1U << 20U).value());
  ASSERT_NE(one.set.empty(), one.problem.empty()) << "a case has either `expect` or `unsolvable`";
  SolverFixture fixture;
  for (const auto& index : one.indexes) fixture.add_index(index.packages, index.priority);
  auto request = one.request;
  for (const auto& [file, control] : one.locals) request.local.push_back(fixture.add_deb(file, control));

  for (const auto* pass : {"made index", "cached index"}) {
    const auto outcome = fixture.resolve(request);
    ASSERT_TRUE(outcome) << outcome.error().render();
    std::vector<std::string> set, problem, reasons;
    if (const auto* unsolvable = std::get_if<resolve::Unsolvable>(&*outcome)) {
      problem = problem_lines(*unsolvable);
    } else {
      for (const auto& package : std::get<resolve::Resolution>(*outcome).packages) {
        set.push_back(package.name + " " + package.version);
        reasons.push_back(package.name + " <-" + (package.reason.empty() ? "" : " " + package.reason));
      }
    }
    EXPECT_EQ(problem, one.problem) << pass;
    EXPECT_EQ(set, one.set) << pass;
    for (const auto& reason : one.reasons) {
      EXPECT_NE(std::find(reasons.begin(), reasons.end(), reason), reasons.end()) << reason << "\nis not among\n"
                                                                                  << join(reasons, "\n");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Case, Solver, testing::ValuesIn(case_files()), [](const auto& info) {
  auto name = info.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace reburst::test
