#!/usr/bin/env bash
# Several at once. Two publishers, of whom one is stopped in the middle: the other waits, and goes on from what the first one made, or is
# told; neither change is lost. And readers that pull all the time while it is published and promoted: each gets a release that the channel
# pointed to at that time, whole, and none is refused.
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm  # what is flushed to disk is not what is asked here
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_small_releases 48
first=$releases/out/shop/$one
second=$releases/out/shop/$two
cc -shared -fPIC -O1 -o "$scratch/kill_at.so" "$SOURCE/tests/support/kill/kill_at.c" -ldl
strip --strip-debug -o "$scratch/reburst" "$REBURST" # it is started often, and reads itself every time
export REBURST=$scratch/reburst
root=$scratch/root.json
expect 0 reburst publish "$first" --registry "$registry"
cp "$keys/root.json" "$root"
expect 0 reburst promote shop $one --to stable --reason x --registry "$registry"
cp -a "$registry" "$scratch/before"
stopped=
trap 'stop_server; [ -z "$stopped" ] || kill -KILL "$stopped" 2>/dev/null || true; cleanup' EXIT

state_of() { sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null || echo gone; }
# stop_at N COMMAND…: it stops before its N-th step; its process in $stopped.
stop_at() {
  local tries=0
  env LD_PRELOAD="$scratch/kill_at.so" KILL_AT="$1" KILL_STOP=1 "$REBURST" "${@:2}" --registry "$registry" --cache "$WORK/cache" >"$scratch/one.log" 2>&1 &
  stopped=$!
  until [ "$(state_of "$stopped")" = T ]; do
    sleep 0.05
    tries=$((tries + 1))
    [ "$tries" -lt 400 ] && [ "$(state_of "$stopped")" != gone ] || { cat "$scratch/one.log"; fail "the first one did not stop"; }
  done
}
# other COMMAND…: the second publisher; its process in $other.
other() {
  "$REBURST" "$@" --registry "$registry" --cache "$WORK/cache" >"$scratch/other.log" 2>&1 &
  other=$!
}
ends() { # PROCESS STATUS LOG
  local status=0
  wait "$1" || status=$?
  [ "$status" -eq "$2" ] || { cat "$3"; fail "it ended with $status instead of $2"; }
}
metadata() { (cd "$registry/metadata" && find . -type f -exec sha256sum {} + | sort -k 2); }
# With a client that has seen none of the pasts that it had.
again() { rm -rf "$registry" "$XDG_STATE_HOME" && cp -a "$scratch/before" "$registry"; }
count() {
  env LD_PRELOAD="$scratch/kill_at.so" KILL_COUNT="$scratch/count" "$REBURST" "$@" --registry "$registry" --cache "$WORK/cache" >"$scratch/out" 2>&1
  read -r total turn <"$scratch/count"
}
# The timestamp is the last of the metadata to be renamed, some steps before the other doors have followed.
count publish "$second"
points=($((total / 4)) $((total / 2)) $((turn - 8)) "$turn")

step "two publishers at once: the second waits, and both changes are there"
pairs=0
for change in "publish $second --channel blue" "promote shop $one --to green --reason b" "registry refresh --all" "registry gc --keep 0"; do
  point=${points[$pairs]}
  again
  stop_at "$point" publish "$second"
  was=$(metadata)
  # shellcheck disable=SC2086  # words
  other $change
  sleep 1
  [ "$(state_of "$other")" != gone ] && [ "$(state_of "$other")" != Z ] || { cat "$scratch/other.log"; fail "the second did not wait for the first"; }
  [ "$(metadata)" = "$was" ] || fail "the second changed what the first one works on"
  kill -CONT "$stopped"
  ends "$stopped" 0 "$scratch/one.log"
  stopped=
  ends "$other" 0 "$scratch/other.log"
  expect 0 reburst list --registry "$registry" --root "$root"
  says "^shop@dev +$two"
  says "^shop@stable +$one"
  case $change in
    *blue*) says "^shop@blue +$two" ;;
    *green*) says "^shop@green +$one" ;;
  esac
  expect 0 reburst history shop --registry "$registry" --root "$root"
  says "publish +dev +$one +-> $two"
  expect 0 reburst registry check --registry "$registry"
  pairs=$((pairs + 1))
done
[ "$pairs" -eq 4 ]

step "who has waited a minute is told, has changed nothing, and may try again"
again
stop_at "${points[1]}" publish "$second"
was=$(metadata)
# A clock that runs thirty times as fast for the one that waits.
expect 2 faketime -f '+0 x30' "$REBURST" promote shop $one --to green --reason b --registry "$registry" --cache "$WORK/cache"
says 'somebody else is publishing to ".*registry"'
says 'hint: try again when that has ended'
[ "$(metadata)" = "$was" ] || fail "the second changed something"
kill -CONT "$stopped"
ends "$stopped" 0 "$scratch/one.log"
stopped=
expect 0 reburst promote shop $one --to green --reason b --registry "$registry"
expect 0 reburst list --registry "$registry" --root "$root"
says "^shop@dev +$two"
says "^shop@green +$one"

step "the first one is killed while the second waits: the second goes on from what is there then"
for point in "${points[1]} $one" "${points[3]} $two"; do
  again
  stop_at "${point% *}" publish "$second"
  other promote shop $one --to green --reason b
  sleep 0.5
  kill -KILL "$stopped"
  wait "$stopped" 2>/dev/null || true # it was killed
  stopped=
  ends "$other" 0 "$scratch/other.log"
  expect 0 reburst list --registry "$registry" --root "$root"
  says "^shop@dev +${point#* }"
  says "^shop@green +$one"
  expect 0 reburst registry check --registry "$registry"
  expect 0 reburst publish "$second" --registry "$registry"
  expect 0 reburst registry check --registry "$registry"
done

step "readers over HTTP and in the folder, all the time: each gets what was there at the time, whole"
again
versions=("$one" "$two")
for month in 04 05 06; do
  version=2026${month}04T000000Z
  python3 "$SOURCE/tests/support/release/small_release.py" "$releases/out/shop/$version" shop "$version" "$month" 48
  versions+=("$version")
done
serve "$registry"
now() { date +%s%N; }
# A line for each change: when it began, when it had ended, and what the channel points to then.
echo "0 0 $one" >"$scratch/journal"
changes() {
  local version at=1 from
  for version in "${versions[@]:1}"; do
    from=$(now)
    "$REBURST" publish "$releases/out/shop/$version" --registry "$registry" --cache "$WORK/cache" --quiet || return 1
    echo "$from $(now) $version" >>"$scratch/journal"
    for back in "${versions[$((at - 1))]}" "$version"; do
      from=$(now)
      "$REBURST" promote shop "$back" --to dev --reason "$at" --registry "$registry" --cache "$WORK/cache" --quiet || return 1
      echo "$from $(now) $back" >>"$scratch/journal"
    done
    "$REBURST" registry refresh --all --registry "$registry" --cache "$WORK/cache" --quiet || return 1
    at=$((at + 1))
  done
}
# reader NAME REGISTRY: pulls until the changes have ended; a line for each: begin, end, status, what came.
reader() {
  local from status got
  until [ -e "$scratch/ended" ]; do
    rm -rf "$scratch/$1/cache" "$scratch/$1/out" # else what is there need not be asked for
    from=$(now) status=0
    XDG_STATE_HOME=$scratch/$1/state "$REBURST" pull shop@dev --registry "$2" --root "$root" --cache "$scratch/$1/cache" --out "$scratch/$1/out" >"$scratch/$1.log" 2>&1 || status=$?
    got=$(basename "$scratch/$1/out"/*.raw .raw)
    [ "$status" -ne 0 ] || cmp -s "$scratch/$1/out"/*.raw "$releases/out/shop/${got#shop_}/$got.raw" || status="wrong bytes"
    echo "$from $(now) ${status// /_} ${got#shop_}" >>"$scratch/$1.pulls"
    [ "$status" = 0 ] || cp "$scratch/$1.log" "$scratch/$1.$from.failed"
  done
}
mkdir "$scratch/http" "$scratch/folder"
readers=()
reader http "$url" & readers+=($!)
reader folder "$registry" & readers+=($!)
changed=0
changes >"$scratch/changes.log" 2>&1 || changed=1
: >"$scratch/ended"
wait "${readers[@]}"
[ "$changed" -eq 0 ] || { cat "$scratch/changes.log"; fail "a change failed"; }
if compgen -G "$scratch/*.failed" >/dev/null; then cat "$scratch"/*.failed; fail "a reader was refused"; fi
python3 - "$scratch/journal" "$scratch/http.pulls" "$scratch/folder.pulls" <<'P'
import sys
journal = [(int(a), int(b), v) for a, b, v in (line.split() for line in open(sys.argv[1]))]
ends = [begin_end[1] for begin_end in journal[1:]] + [1 << 63]  # until when what came before may have been seen
for name in sys.argv[2:]:
    pulls = [line.split() for line in open(name)]
    got = set()
    for begin, end, status, version in pulls:
        assert status == "0", (name, status)
        then = {v for (first, _, v), last in zip(journal, ends) if first <= int(end) and last >= int(begin)}
        assert version in then, (name, version, then)
        got.add(version)
    print(name.rsplit("/", 1)[1], len(pulls), "pulls of", len(got), "releases, during", len(journal) - 1, "changes")
    assert len(pulls) >= 8 and len(got) >= 3, (len(pulls), got)
P
expect 0 reburst registry check --registry "$registry"
