#!/usr/bin/env bash
# A publication, a pull and an import that are killed at any step, or find the disk full: readers see the registry before or
# after, the client's state and its release are old or new, the next run works, and nothing half-made stands anywhere.
# KILL_POINTS=all tries every step; without it every step is a candidate and some are taken.
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm  # what is flushed to disk is not what is asked here
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_small_releases
first=$releases/out/shop/$one
second=$releases/out/shop/$two
cc -shared -fPIC -O1 -o "$scratch/kill_at.so" "$SOURCE/tests/support/kill/kill_at.c" -ldl
root=$scratch/root.json
state=$XDG_STATE_HOME

# tree FOLDER: every name, link and byte below it, but for locks.
tree() { (cd "$1" && { find . ! -name .lock ! -type d -printf '%p %l\n' | LC_ALL=C sort; find . -type f ! -name .lock -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum; } | sha256sum); }
# The state without the latest time known, which moves with the clock, and without what the next run removes.
seen() { (cd "$1" && find . -path '*/.reburst-*' -prune -o -type f ! -name latest-time -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum); }
# killed_at N COMMAND…: in a process group of its own, killed at its N-th step; fails when it lived.
killed_at() {
  local status=0
  { setsid -w env LD_PRELOAD="$scratch/kill_at.so" KILL_AT="$1" "${@:2}" >"$scratch/killed.log" 2>&1 || status=$?; } 2>"$scratch/shell.log"
  [ "$status" -ne 0 ]
}
# count COMMAND…: in $total how many steps there are, in $turn the last that renames: where everything has become visible.
count() {
  setsid -w env LD_PRELOAD="$scratch/kill_at.so" KILL_COUNT="$scratch/count" "$@" >"$scratch/out" 2>&1 || { cat "$scratch/out" >&2; fail "$*"; }
  read -r total turn <"$scratch/count"
  [ "$total" -gt 100 ] && [ "$turn" -gt 10 ] || fail "only $total steps"
}
# points SOME: so many of all steps, and those around the turn.
points() {
  if [ "${KILL_POINTS:-}" = all ]; then seq 1 "$total"; return; fi
  { for ((i = 0; i < $1; i++)); do echo $((1 + i * total / $1)); done; seq $((turn - 4)) $((turn + 2)); echo "$total"; } | sort -nu
}

expect 0 reburst publish "$first" --registry "$registry"
cp "$keys/root.json" "$root"
expect 0 reburst pull shop@dev --registry "$registry" --root "$root" --out "$scratch/pulled-old"
cp -r "$state" "$scratch/state-old"
cp -a "$registry" "$scratch/before"

step "publish, killed"
publish=("$REBURST" publish "$second" --cache "$WORK/cache" --registry)
copy=$scratch/copy
cp -a "$registry" "$copy"
count "${publish[@]}" "$copy"
killed=0 before=0 after=0
for at in $(points 8); do
  rm -rf "$copy" && cp -a "$registry" "$copy"
  killed_at "$at" "${publish[@]}" "$copy" && killed=$((killed + 1))
  expect 0 reburst list --registry "$copy" --root "$root"
  says "shop@dev +($one|$two)"
  if grep -q "$two" "$scratch/out"; then after=$((after + 1)); else before=$((before + 1)); fi
  rm -rf "$state" && cp -r "$scratch/state-old" "$state"
  expect 0 "${publish[@]}" "$copy"
  expect 0 reburst registry check --registry "$copy"
  [ -z "$(find "$copy" \( -name '.staging*' -o -name '*.next' -o -name '.incoming*' \))" ] || fail "step $at: what the killed publication prepared is still there"
done
[ "$killed" -ge 10 ] && [ "$before" -ge 4 ] && [ "$after" -ge 2 ] || fail "$killed killed, $before before, $after after"

step "pull, killed"
expect 0 "${publish[@]}" "$registry"
mine=$scratch/client
fresh() { rm -rf "$mine" && mkdir -p "$mine/out" && cp -r "$scratch/state-old" "$mine/state" && cp -r "$scratch/pulled-old" "$mine/out/pulled"; }
pull=(env XDG_STATE_HOME="$mine/state" "$REBURST" pull shop@dev --registry "$registry" --root "$root" --out "$mine/out/pulled" --cache "$mine/cache")
fresh
old=$(seen "$mine/state")
count "${pull[@]}"
new=$(seen "$mine/state")
cp -r "$mine/state" "$scratch/state-new"
[ "$old" != "$new" ]
killed=0 before=0 after=0
for at in $(points 8); do
  fresh
  killed_at "$at" "${pull[@]}" && killed=$((killed + 1))
  expect 0 reburst verify "$mine/out/pulled" --root "$root"
  now=$(seen "$mine/state")
  if [ "$now" = "$old" ]; then before=$((before + 1)); elif [ "$now" = "$new" ]; then after=$((after + 1)); else fail "step $at: the trusted state is neither old nor new"; fi
  if cmp -s "$second"/*.raw "$mine/out/pulled"/*.raw; then
    [ "$now" = "$new" ] || fail "step $at: a release was installed that the state does not know"
  else
    cmp "$first"/*.raw "$mine/out/pulled"/*.raw  # the state may be newer than the release, never older
  fi
  expect 0 "${pull[@]}"
  cmp "$second"/*.raw "$mine/out/pulled"/*.raw
  [ -z "$(find "$mine/cache/tmp" -name '*pull-*')" ] || fail "step $at: work is left in the cache"
  [ -z "$(find "$mine/out" "$mine/state" -name '.reburst-*')" ] || fail "step $at: work is left beside the release"
done
[ "$killed" -ge 10 ] && [ "$before" -ge 4 ] && [ "$after" -ge 2 ] || fail "$killed killed, $before before, $after after"

step "pull, with a state that cannot be kept: nothing is installed"
: >"$scratch/file"
expect 17 env XDG_STATE_HOME="$scratch/file" "$REBURST" pull shop@dev --registry "$registry" --root "$root" --out "$scratch/unkept" --cache "$mine/cache"
[ ! -e "$scratch/unkept" ] || fail "a release was installed that nobody remembers"
fresh
expect 17 env XDG_STATE_HOME="$scratch/file" "${pull[@]:2}"
diff -r "$scratch/pulled-old" "$mine/out/pulled"

step "import, killed"
site=$scratch/site/registry
cp -a "$registry" "$scratch/source"
expect 0 reburst registry export "$scratch/new.tar" --registry "$registry"
expect 0 reburst promote shop $one --to blue --reason x --registry "$registry"
expect 0 reburst registry export "$scratch/newer.tar" --registry "$registry"
import=("$REBURST" registry import "$scratch/newer.tar" --registry "$site" --root "$root" --cache "$WORK/cache")
again() { rm -rf "$scratch/site" && mkdir "$scratch/site" && cp -a "$scratch/imported" "$site"; }
expect 0 reburst registry import "$scratch/new.tar" --registry "$scratch/imported" --root "$root"
old=$(tree "$scratch/imported")
again
count "${import[@]}"
new=$(tree "$site")
expect 0 "${import[@]}"
twice=$(tree "$site")  # the metadata of before stays for readers of then: one generation of it
killed=0 before=0 after=0
for at in $(points 6); do
  again
  killed_at "$at" "${import[@]}" && killed=$((killed + 1))
  now=$(tree "$site")
  if [ "$now" = "$old" ]; then before=$((before + 1)); elif [ "$now" = "$new" ]; then after=$((after + 1)); else fail "step $at: the registry is neither old nor new"; fi
  expect 0 "${import[@]}"
  then=$(tree "$site")
  [ "$then" = "$new" ] || [ "$now$then" = "$new$twice" ] || fail "step $at: the next import made something else"
  [ -z "$(find "$scratch/site" -maxdepth 1 -name '.*importing')" ] || fail "step $at: work was left"
done
[ "$killed" -ge 9 ] && [ "$before" -ge 4 ] && [ "$after" -ge 2 ] || fail "$killed killed, $before before, $after after"

step "a full disk, at every fill level"
small=$scratch/small
mkdir "$small"
if [ "$(id -u)" -eq 0 ]; then private=(unshare -m); else private=(unshare -rm); fi
if ! "${private[@]}" mount -t tmpfs none "$small" 2>/dev/null; then
  step "SKIPPED: mounting a file system is not permitted here, so no disk was full"
  exit 0
fi
cat >"$scratch/full.sh" <<'SH'
# full.sh FREE: KiB that are free when publish, pull and import begin, each on a disk of its own.
set -euo pipefail
. "$scratch/functions"
mount -t tmpfs -o size=64m none "$small"
fill() { # leaves FREE KiB
  local left
  left=$(($(df -k --output=avail "$small" | tail -n 1) - $1))
  [ "$left" -le 0 ] || head -c $((left * 1024)) /dev/zero >"$small/ballast"
}
status=0
try() { status=0; "$@" >"$scratch/out" 2>&1 </dev/null || status=$?; [ "$status" -eq 0 ] || [ "$status" -eq 13 ] || { cat "$scratch/out"; fail "$1 $2: status $status instead of 13"; }; }

cp -a "$scratch/before" "$small/registry"
fill "$1"
try "$REBURST" publish "$second" --registry "$small/registry"
published=$status
XDG_STATE_HOME=$scratch/full-state-$1 expect 0 "$REBURST" list --registry "$small/registry" --root "$root"
if [ "$published" -eq 0 ]; then says "shop@dev +$two"; else says "shop@dev +$one"; fi
rm -f "$small/ballast"
expect 0 "$REBURST" registry check --registry "$small/registry"
expect 0 "$REBURST" publish "$second" --registry "$small/registry"
expect 0 "$REBURST" registry check --registry "$small/registry"
rm -rf "$small"/*

cp -r "$scratch/state-old" "$small/state"
cp -r "$scratch/pulled-old" "$small/pulled"
fill "$1"
pull=(env XDG_STATE_HOME="$small/state" "$REBURST" pull shop@dev --registry "$scratch/source" --root "$root" --out "$small/pulled" --cache "$small/cache")
try "${pull[@]}"
pulled=$status
if [ "$pulled" -ne 0 ]; then
  diff -r "$scratch/pulled-old" "$small/pulled" || fail "$1 KiB: something was installed, and the pull has failed"
  now=$(seen "$small/state")
  [ "$now" = "$(seen "$scratch/state-old")" ] || [ "$now" = "$(seen "$scratch/state-new")" ] || fail "$1 KiB: the trusted state is neither old nor new"
fi
rm -f "$small/ballast"
expect 0 "$REBURST" verify "$small/pulled" --root "$root" --cache "$scratch/verify-cache"
expect 0 "${pull[@]}"
cmp "$second"/*.raw "$small/pulled"/*.raw
rm -rf "$small"/*

cp -a "$scratch/imported" "$small/registry"
was=$(tree "$small/registry")
fill "$1"
try "$REBURST" registry import "$scratch/newer.tar" --registry "$small/registry" --root "$root"
if [ "$status" -ne 0 ]; then
  [ "$(tree "$small/registry")" = "$was" ] || fail "$1 KiB: the registry changed"
  [ -z "$(find "$small" -maxdepth 1 -name '.*importing')" ] || fail "$1 KiB: work was left"
fi
echo "$published $pulled $status" >>"$scratch/statuses"
SH
declare -f expect says fail tree seen >"$scratch/functions"
export scratch small second root one two
for free in 0 64 1000 5000 9000 24000; do
  "${private[@]}" bash "$scratch/full.sh" "$free" || fail "with $free KiB free"
done
for column in 1 2 3; do # the disk was full for each of the three, and at last it was not
  [ "$(cut -d' ' -f$column "$scratch/statuses" | sort -u | tr '\n' ' ')" = "0 13 " ] || { cat "$scratch/statuses"; fail "column $column"; }
done
