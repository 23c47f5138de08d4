#!/usr/bin/env bash
# threat_model.sh SOURCE: every test that docs/threat-model.md names exists, and every row of its tables names one, or says just "no test yet".
# Names are functional.script for a whole script, Suite.* for a whole suite, Suite.Test of a unit test (Instance/Suite.Test for a parametrised one),
# functional.script: the step's words, or functional.tamper: a case of attack/cases.cpp.
set -euo pipefail
python3 - "$1" <<'P'
import pathlib, re, sys
source = pathlib.Path(sys.argv[1])
page = (source / "docs/threat-model.md").read_text()
tests = set()
for file in (source / "tests").rglob("*_test.cpp"):
    for suite, test in re.findall(r"^(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", file.read_text(), re.M):
        tests.add(f"{suite}.{test}")
faults, named = [], 0
for line in page.splitlines():
    if not line.startswith("|") or set(line) <= set("|- "):
        continue
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    if cells[-1] == "test":
        continue
    found = re.findall(r"`([^`]+)`", cells[-1])
    if cells[-1] == "no test yet":
        continue
    if not found:
        faults.append(f"no test: {cells[0]}")
    for name in found:
        named += 1
        whole = re.fullmatch(r"functional\.(\w+)", name)
        suite = re.fullmatch(r"(\w+)\.\*", name)
        if whole:
            if not (source / "tests/functional" / (whole[1] + ".sh")).exists():
                faults.append(f"no script: {name}")
            continue
        if suite:
            if not any(test.startswith(suite[1] + ".") for test in tests):
                faults.append(f"no suite: {name}")
            continue
        script = re.fullmatch(r"functional\.(\w+): (.+)", name)
        if script:
            path = source / "tests/functional" / (script[1] + ".sh")
            steps = re.findall(r'^(?:step|attack) "([^"]*)"', path.read_text(), re.M) if path.exists() else []
            if script[1] == "tamper":
                steps += re.findall(r'\bCase\{\d+, "([a-z0-9-]+)"', (source / "attack/cases.cpp").read_text())
            if script[2] not in steps:
                faults.append(f"no step of functional.{script[1]}: {script[2]}")
        elif name.split("/")[-1] not in tests:
            faults.append(f"no test: {name}")
if named < 40:
    faults.append(f"only {named} tests are named: is the table still there?")
sys.exit("\n".join(faults) if faults else 0)
P
