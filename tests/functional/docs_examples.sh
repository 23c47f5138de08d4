#!/usr/bin/env bash
# What README and tutorial tell a newcomer to do, done: their own role is built, booted, locked, changed.
. "$(dirname "$0")/lib.sh"
mkdir "$scratch/shop"
recipe_in() { awk '/^```yaml/ {inside = 1; text = ""; next} /^```/ {if (inside && text ~ /role: shop/) printf "%s", text; inside = 0} inside {text = text $0 "\n"}' "$1"; }
recipe_in "$SOURCE/README.md" >"$scratch/shop/shop.yaml"
[ -s "$scratch/shop/shop.yaml" ] || fail "README has no recipe of the role shop"
diff "$scratch/shop/shop.yaml" <(recipe_in "$SOURCE/docs/tutorial.md") || fail "README and tutorial tell different stories"
cd "$scratch/shop"

step "check, build, test"
expect 0 "$REBURST" recipe check ./shop.yaml
expect 0 reburst build ./shop.yaml
first=$(tail -n 1 "$scratch/out")
expect 0 reburst test shop
says 'passed +serves the shop'
says 'passed +answers'

step "a lock: the same bytes; a changed recipe: refused, with the command that renews it"
expect 0 reburst lock ./shop.yaml
[ -s shop.lock ] || fail "no shop.lock beside the recipe"
expect 0 reburst build ./shop.yaml --out again
diff "$first/SHA256SUMS" "$(tail -n 1 "$scratch/out")/SHA256SUMS"
(cd "$first" && sha256sum --quiet --strict --check SHA256SUMS)
echo 'run: ["true"]' >>shop.yaml
expect 10 reburst build ./shop.yaml
says 'reburst lock '
expect 0 reburst lock ./shop.yaml --out new.lock
expect 0 "$REBURST" lock diff shop.lock new.lock

step "published, pulled, verified, with development keys of its own"
export XDG_DATA_HOME=$scratch/data XDG_STATE_HOME=$scratch/state
expect 0 reburst publish shop
says 'warning: no keys were configured: development keys'
expect 0 reburst pull shop@dev --out pulled
expect 0 reburst verify pulled
says 'is the release that its publisher signed'
expect 0 reburst list
says '^shop@dev '
expect 0 reburst history shop
says ' publish +dev '

step "a fault is shown with its place"
printf 'recipe: 1\nrole: typo\npackges: {}\n' >typo.yaml
expect 3 "$REBURST" recipe check ./typo.yaml
says 'typo.yaml:3:1: '
says '\^'
