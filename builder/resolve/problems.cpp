#include "builder/resolve/problems.hpp"

namespace reburst::resolve {

namespace {

std::string dependency_text(Pool* pool, Id dependency) {
  if (!ISRELDEP(dependency)) return pool_id2str(pool, dependency);
  const Reldep* relation = GETRELDEP(pool, dependency);
  auto left = dependency_text(pool, relation->name);
  const auto right = dependency_text(pool, relation->evr);
  switch (relation->flags) {
    case REL_OR: return left + " | " + right;
    case REL_LT: return left + " (<< " + right + ")";
    case REL_LT | REL_EQ: return left + " (<= " + right + ")";
    case REL_EQ: return left + " (= " + right + ")";
    case REL_GT | REL_EQ: return left + " (>= " + right + ")";
    case REL_GT: return left + " (>> " + right + ")";
    default: return left;
  }
}

SolverProblem::Rule read_rule(Solver* solver, Id rule) {
  SolverProblem::Rule out;
  const auto kind = solver_ruleinfo(solver, rule, &out.source, &out.target, &out.dependency);
  switch (kind) {
    case SOLVER_RULE_PKG_NOTHING_PROVIDES_DEP: out.kind = SolverProblem::Kind::kNothingProvides; break;
    case SOLVER_RULE_PKG_REQUIRES: out.kind = SolverProblem::Kind::kRequires; break;
    case SOLVER_RULE_PKG_CONFLICTS: out.kind = SolverProblem::Kind::kConflicts; break;
    case SOLVER_RULE_PKG_SELF_CONFLICT: out.kind = SolverProblem::Kind::kSelfConflict; break;
    case SOLVER_RULE_PKG_SAME_NAME: out.kind = SolverProblem::Kind::kSameName; break;
    case SOLVER_RULE_JOB: out.kind = SolverProblem::Kind::kRequested; break;
    default: out.kind = SolverProblem::Kind::kOther; break;
  }
  if (out.dependency != 0) out.text = dependency_text(solver->pool, out.dependency);
  return out;
}

SolverProblem::Change read_solution(Solver* solver, Id problem, Id solution) {
  SolverProblem::Change change;
  Id element = 0;
  Id what = 0;
  Id job = 0;
  while ((element = solver_next_solutionelement(solver, problem, solution, element, &what, &job)) != 0) {
    if (what != SOLVER_SOLUTION_JOB) continue;
    const Id how = solver->job.elements[job - 1];
    auto& list = (how & SOLVER_JOBMASK) == SOLVER_LOCK ? change.allowed : change.not_requested;
    list.push_back(solver->job.elements[job]);
  }
  return change;
}

}  // namespace

std::vector<SolverProblem> read_problems(Solver* solver) {
  std::vector<SolverProblem> problems;
  for (Id id = 1; id <= static_cast<Id>(solver_problem_count(solver)); ++id) {
    SolverProblem problem;
    problem.main = read_rule(solver, solver_findproblemrule(solver, id));
    IdQueue rules;
    solver_findallproblemrules(solver, id, &rules.queue);
    for (int i = 0; i < rules.queue.count; ++i) problem.rules.push_back(read_rule(solver, rules.queue.elements[i]));
    for (Id solution = 1; solution <= static_cast<Id>(solver_solution_count(solver, id)); ++solution) {
      problem.solutions.push_back(read_solution(solver, id, solution));
    }
    problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace reburst::resolve
