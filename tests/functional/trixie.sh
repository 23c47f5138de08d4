#!/usr/bin/env bash
# The same machine builds another release of the distribution, and it boots and answers.
. "$(dirname "$0")/lib.sh"
cat >"$scratch/web-trixie.yaml" <<'R'
recipe: 1
role: web-trixie
from: web
suite: trixie
R
step "build"
expect 0 reburst build "$scratch/web-trixie.yaml" --out "$WORK/out"
cat "$scratch/out"
folder=$(tail -n 1 "$scratch/out")
grep -q '"suite":"trixie"' "$folder/manifest.json" || fail "no package came from trixie"
grep -q '"suite":"bookworm"' "$folder/manifest.json" && fail "a package came from bookworm"
step "boot"
expect 0 reburst test "$folder"
cat "$scratch/out"
says '^  passed +answers$'
