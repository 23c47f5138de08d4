#!/usr/bin/env bash
# A publication, a pull and an import that find the disk full, at any fill level, or a state that cannot be kept: readers see the
# registry before or after, the client's state and its release are old or new, and the next run works.
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm  # what is flushed to disk is not what is asked here
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_small_releases
first=$releases/out/shop/$one
second=$releases/out/shop/$two
root=$scratch/root.json
state=$XDG_STATE_HOME

# tree FOLDER: every name, link and byte below it, but for locks.
tree() { (cd "$1" && { find . ! -name .lock ! -type d -printf '%p %l\n' | LC_ALL=C sort; find . -type f ! -name .lock -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum; } | sha256sum); }
# The state without the latest time known, which moves with the clock, and without what the next run removes.
seen() { (cd "$1" && find . -path '*/.reburst-*' -prune -o -type f ! -name latest-time -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum); }

expect 0 reburst publish "$first" --registry "$registry"
cp "$keys/root.json" "$root"
expect 0 reburst pull shop@dev --registry "$registry" --root "$root" --out "$scratch/pulled-old"
cp -r "$state" "$scratch/state-old"
cp -a "$registry" "$scratch/before"
expect 0 reburst registry export "$scratch/old.tar" --registry "$registry"
expect 0 reburst registry import "$scratch/old.tar" --registry "$scratch/imported" --root "$root"
expect 0 reburst publish "$second" --registry "$registry"
expect 0 reburst registry export "$scratch/newer.tar" --registry "$registry"
cp -r "$state" "$scratch/state-new"
XDG_STATE_HOME=$scratch/state-new expect 0 reburst pull shop@dev --registry "$registry" --root "$root" --out "$scratch/pulled-new"

step "pull, with a state that cannot be kept: nothing is installed"
: >"$scratch/file"
unkept() { expect 17 env XDG_STATE_HOME="$scratch/file" "$REBURST" pull shop@dev --registry "$registry" --root "$root" --out "$1" --cache "$scratch/unkept-cache"; }
unkept "$scratch/unkept"
[ ! -e "$scratch/unkept" ] || fail "a release was installed that nobody remembers"
cp -r "$scratch/pulled-old" "$scratch/kept"
unkept "$scratch/kept"
diff -r "$scratch/pulled-old" "$scratch/kept"

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
pull=(env XDG_STATE_HOME="$small/state" "$REBURST" pull shop@dev --registry "$registry" --root "$root" --out "$small/pulled" --cache "$small/cache")
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
export scratch small second root one two registry
for free in 0 64 1000 5000 9000 24000; do
  "${private[@]}" bash "$scratch/full.sh" "$free" || fail "with $free KiB free"
done
for column in 1 2 3; do # the disk was full for each of the three, and at last it was not
  [ "$(cut -d' ' -f$column "$scratch/statuses" | sort -u | tr '\n' ' ')" = "0 13 " ] || { cat "$scratch/statuses"; fail "column $column"; }
done
