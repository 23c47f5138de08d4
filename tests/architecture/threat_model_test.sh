#!/usr/bin/env bash
# threat_model.sh refuses a page that names a test which is not there, or none.
set -euo pipefail
check=$(cd "$(dirname "$0")" && pwd)/threat_model.sh
source=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/docs"
ln -s "$source/tests" "$scratch/tests"
ln -s "$source/attack" "$scratch/attack"
page=$scratch/docs/threat-model.md
refuses() { # SED-SCRIPT FAULT
  sed "$1" "$source/docs/threat-model.md" >"$page"
  if "$check" "$scratch" 2>"$scratch/said"; then echo "FAILED: not refused: $1" >&2; exit 1; fi
  grep -qxF -- "$2" "$scratch/said" || { cat "$scratch/said" >&2; echo "FAILED: another fault than $2" >&2; exit 1; }
}
refuses 's/Threshold.OneSignatureTooFewIsRefused/Threshold.NoSuchTest/' 'no test: Threshold.NoSuchTest'
refuses 's/registry_attacks: endless metadata/registry_attacks: no such step/' 'no step of functional.registry_attacks: no such step'
refuses 's/functional.registry_attacks: endless metadata/functional.no_such_script: endless metadata/' 'no step of functional.no_such_script: endless metadata'
refuses 's/functional.tamper: data-block/functional.tamper: no-such-case/' 'no step of functional.tamper: no-such-case'
refuses 's/^| rollback\(.*\)|[^|]*|$/| rollback\1| no test yet, but soon |/' 'no test: rollback: older files than were seen'
refuses 's/^| rollback\(.*\)|[^|]*|$/| rollback\1| by hand |/' 'no test: rollback: older files than were seen'
refuses '/^|/d' 'only 0 tests are named: is the table still there?'
cp "$source/docs/threat-model.md" "$page"
"$check" "$scratch"
