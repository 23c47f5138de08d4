#!/usr/bin/env bash
# A compressed root file system: smaller, the same bytes at every build, and it boots and answers.
. "$(dirname "$0")/lib.sh"
plain=$(web_release)
for kind in lz4 lz4hc; do
  step "$kind"
  mkdir "$scratch/$kind"
  printf 'recipe: 1\nrole: web-%s\nfrom: web\nimage: {compression: %s}\n' "$kind" "$kind" >"$scratch/$kind/web-$kind.yaml"
  expect 0 reburst build "$scratch/$kind/web-$kind.yaml" --out "$scratch/$kind/first"
  folder=$(tail -n 1 "$scratch/out")
  expect 0 reburst build "$scratch/$kind/web-$kind.yaml" --out "$scratch/$kind/second" --jobs 1
  diff "$folder/SHA256SUMS" "$(tail -n 1 "$scratch/out")/SHA256SUMS"
  [ "$(stat -c %s "$folder"/*.raw)" -lt "$(stat -c %s "$plain"/*.raw)" ] || fail "not smaller"
done
expect 0 reburst test "$folder"
cat "$scratch/out"
says '^  passed +answers$'
