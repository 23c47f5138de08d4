#!/usr/bin/env bash
# A publisher and a puller that are killed at any moment: readers see the registry before or after, the next run works, and
# nothing half-made stands anywhere.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_releases
second=$releases/out/shop/$two
expect 0 reburst publish "$releases/out/shop/$one" --registry "$registry"

step "publish, killed"
killed=0
for delay in 0.05 0.2 0.4 0.7 1 1.5 2 3 4; do
  copy=$scratch/copy
  rm -rf "$copy" && cp -al "$registry" "$copy"
  "$REBURST" publish "$second" --registry "$copy" --cache "$WORK/cache" >"$scratch/out" 2>&1 &
  publisher=$!
  sleep "$delay"
  kill -KILL "$publisher" 2>/dev/null && killed=$((killed + 1))
  wait "$publisher" 2>/dev/null || true  # it was killed, or had ended
  expect 0 reburst list --registry "$copy"
  says "shop@dev +($one|$two)"
  expect 0 reburst publish "$second" --registry "$copy"
  expect 0 reburst registry check --registry "$copy"
  [ -z "$(find "$copy" -name '.staging*')" ] || fail "what the killed publication prepared is still there"
done
[ "$killed" -ge 3 ] || fail "only $killed publications were killed under way"

step "pull, killed"
expect 0 reburst publish "$second" --registry "$registry"
killed=0
for delay in 0.05 0.2 0.5 1 2 3; do
  rm -rf "$scratch/pulled"
  "$REBURST" pull shop@dev --registry "$registry" --out "$scratch/pulled" --cache "$scratch/cache" >"$scratch/out" 2>&1 &
  puller=$!
  sleep "$delay"
  kill -KILL "$puller" 2>/dev/null && killed=$((killed + 1))
  wait "$puller" 2>/dev/null || true  # it was killed, or had ended
  [ ! -e "$scratch/pulled" ] || expect 0 reburst verify "$scratch/pulled"
done
[ "$killed" -ge 2 ] || fail "only $killed pulls were killed under way"
"$REBURST" pull shop@dev --registry "$registry" --out "$scratch/pulled" --cache "$scratch/cache" >"$scratch/out" 2>&1 || { cat "$scratch/out"; fail "the last pull failed"; }
cmp "$second"/*.raw "$scratch/pulled"/*.raw
[ -z "$(find "$scratch/cache/tmp" -name '*.pull-*')" ] || fail "work left in the cache"
