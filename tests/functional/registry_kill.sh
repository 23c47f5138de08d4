#!/usr/bin/env bash
# registry_kill.sh [all]: whoever changes a registry, a proposal, a bundle or what a client trusts is killed at any step. A reader
# then has the release of before or of after, the registry is whole, the same command works, and nothing half-made stands anywhere.
# Every step with "all"; without it some, and those around the one that makes it all visible.
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm  # what is flushed to disk is not what is asked here
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
every=${1:-}
unset XDG_DATA_HOME XDG_STATE_HOME
cc -shared -fPIC -O1 -o "$scratch/kill_at.so" "$SOURCE/tests/support/kill/kill_at.c" -ldl
# It is started a thousand times, and reads itself every time: without what debuggers want.
strip --strip-debug -o "$scratch/reburst" "$REBURST"
make_small_releases 48
first=$releases/out/shop/$one
second=$releases/out/shop/$two

# A world is a folder with registry, keys, the state of a client and what else a command names, all of it relative.
in_world() { (cd "$1" && exec env XDG_DATA_HOME="$PWD/data" XDG_STATE_HOME="$PWD/state" XDG_CACHE_HOME="$PWD/cache" "${@:2}"); }
# In the world in which we are, to prepare it.
run() { "$scratch/reburst" "$@" >prepared.log 2>&1 </dev/null || { cat prepared.log >&2; fail "$*"; }; }
# Every name, link and byte below a folder, but for locks.
tree() { (cd "$1" 2>/dev/null && { find . ! -name .lock ! -type d -printf '%p %l\n' | LC_ALL=C sort; find . -type f ! -name .lock -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum; }) | sha256sum; }
# A client's state without the latest time known, which moves with the clock, and without what the next run removes.
trusted() { (cd "$1" && find . -path '*/.reburst-*' -prune -o -type f ! -name latest-time -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum) | sed -E 's/(trust\/[0-9a-f]{64})\/[0-9a-f]{64}/\1/' | sha256sum; }
# A client's memory is of one place, and a copied world is another one: what was seen there was seen here.
settle() {
  local known place
  for known in "$1"/state/reburst/trust/*/*; do
    [ -d "$known" ] || continue
    place=$(printf 'file://%s/registry' "$(cd "$1" && pwd -P)" | sha256sum | cut -c 1-64)
    [ "${known##*/}" = "$place" ] || mv -T "$known" "${known%/*}/$place"
  done
}
from_base() { cp -a "$scratch/base/." . && settle .; }
# What makes one moment of the registry another than the next: "none" is one without metadata.
moment() { { [ -e "$1/registry/metadata/timestamp.json" ] && grep -o '"version":[0-9]*' "$1/registry/metadata/timestamp.json" | tail -n 1; cat "$1/registry/holds.json" 2>/dev/null; } || echo none; }
# What a reader gets who has seen the start: the version that the channel points to, and its bytes are right.
read_channel() { # WORLD CHANNEL
  local status=0 file
  rm -rf "$1/reader"
  [ -e "$1/registry/metadata/timestamp.json" ] || { echo none; return; }
  mkdir "$1/reader" && cp -r "$1/state" "$1/reader/state"
  (cd "$1" && env XDG_STATE_HOME="$PWD/reader/state" XDG_CACHE_HOME="$PWD/reader/cache" "$scratch/reburst" pull "shop@$2" --registry registry --root registry/metadata/1.root.json --out reader/out) >"$1/reader/log" 2>&1 </dev/null || status=$?
  [ "$status" -eq 0 ] || { echo "status $status"; return; }
  for file in "$1/reader/out"/*.raw; do
    case $file in
      *_$one.raw) cmp -s "$file" "$first/shop_$one.raw" && echo $one || echo "wrong bytes" ;;
      *_$two.raw) cmp -s "$file" "$second/shop_$two.raw" && echo $two || echo "wrong bytes" ;;
    esac
  done
}

# What there is to kill. Each has a function that prepares its world (in the folder itself), and sets: the command; the channel that is
# read; with which status and words the command may end when it had done all of it already; and what is compared beside.
base() { mkdir state && run key create --keys keys && run publish "$first" --keys keys --registry registry && cp keys/root.json root.json && seen_by_client; }
seen_by_client() { XDG_STATE_HOME=$PWD/state run list --registry registry --root root.json; }
published() { from_base && run publish "$second" --keys keys --registry registry; }

prepare_first() { mkdir state; }                              # nothing is configured: keys are made, and the registry
prepare_publish() { from_base; }
prepare_promote() { published && run promote shop $one --to stable --reason x --keys keys; }
prepare_yank() { published && seen_by_client; }
prepare_gc() { published && run promote shop $two --to stable --reason x --keys keys && seen_by_client; }
prepare_hold() { published && seen_by_client; }
prepare_refresh() { published && seen_by_client; }
prepare_rotate() {
  published && seen_by_client && run key create keys/timestamp-2.pem && run key add timestamp keys/timestamp-2.pem --keys keys && run key remove timestamp timestamp.pem --keys keys &&
    run key create keys/root-2.pem && run key add root keys/root-2.pem --keys keys
}
prepare_approve() {
  mkdir state && run key create --keys keys --offline offline && run publish "$first" --keys keys --propose begin && run approve begin --keys offline && run approve begin --keys keys --publish &&
    rm begin && cp keys/root.json root.json && seen_by_client && run publish "$second" --channel blue --keys keys --propose proposal && run promote shop $one --to blue --reason x --keys keys --propose proposal
}
prepare_approve_publish() { cp -a "$scratch/start.approve/." . && settle . && run approve proposal --keys offline; }
prepare_export() { from_base && run registry export exported --registry registry && run publish "$second" --keys keys && seen_by_client; }
prepare_import() { published && run registry export exported --registry registry && rm -r registry && cp -a "$scratch/base/registry" .; }
prepare_list() { published; }
prepare_pull() { from_base && XDG_STATE_HOME=$PWD/state run pull shop@dev --registry registry --root root.json --out pulled && run publish "$second" --keys keys --registry registry; }

describe() {
  channel=dev status_again=0 says_again= compare=
  case $1 in
    first) command=(publish "$first") ;;
    publish) command=(publish "$second" --keys keys) ;;
    promote) command=(promote shop $two --to stable --reason x --keys keys) channel=stable ;;
    yank) command=(yank shop $two --reason x --keys keys) status_again=8 says_again='no channel of "shop" has the version' ;;
    gc) command=(registry gc --keep 0 --keys keys) ;;
    hold) command=(registry hold shop $one --reason x --keys keys) ;;
    refresh) command=(registry refresh --all --keys keys) ;;
    rotate) command=(key rotate --keys keys) ;;
    approve) command=(approve proposal --keys offline) compare=proposal ;;
    approve_publish) command=(approve proposal --keys keys --publish) channel=blue status_again=2 says_again='out of date' ;;
    export) command=(registry export exported) compare=exported ;;
    import) command=(registry import exported --registry registry --root root.json) compare=registry ;;
    list) command=(list --registry registry --root root.json) compare=state ;;
    pull) command=(pull shop@dev --registry registry --root root.json --out pulled) compare=state ;;
  esac
}
# The file or folder that is compared beside what readers see, as one word.
compared() { # WORLD
  case $compare in
    '') ;;
    state) trusted "$1/state" ;;
    registry) tree "$1/registry" ;;
    *) [ ! -e "$1/$compare" ] || sha256sum <"$1/$compare" ;;
  esac
}

# try_at VERB N: killed at its N-th step. What is wrong goes to its file of $scratch/wrong.
try_at() {
  local verb=$1 at=$2 world=$scratch/$1.$2 wrong=$scratch/wrong/$1.$2 status=0 when=between seen
  describe "$verb"
  cp -a "$scratch/start.$verb" "$world"
  settle "$world"
  # In a group of its own, which goes as a whole.
  { in_world "$world" setsid -w env LD_PRELOAD="$scratch/kill_at.so" KILL_AT="$at" KILL_TEMP="$world/temp" "$scratch/reburst" "${command[@]}" >"$world/log" 2>&1 </dev/null || status=$?; } 2>/dev/null
  cp "$world/temp" "$scratch/temps/$verb.$at"
  # Threads make the number of steps another one by one or two.
  [ "$status" -ne 0 ] || { [ "$at" -gt $(($(cat "$scratch/total.$verb") - 5)) ] || echo "it lived" >>"$wrong"; rm -rf "$world"; return; }

  for each in old new; do
    [ "$(moment "$world") $(compared "$world")" != "$(cat "$scratch/moment.$each.$verb") $(cat "$scratch/made.$each.$verb")" ] || when=$each
  done
  echo $when >"$scratch/tried/$verb.$at"
  # What was judged is not judged again.
  mkdir "$scratch/judged/$verb.$(looks "$world")" 2>/dev/null || { rm -rf "$world"; return; }
  [ $when != between ] || echo "neither old nor new: $(moment "$world"), $compare $(compared "$world")" >>"$wrong"
  seen=$(read_channel "$world" "$channel")
  [ "$seen" = "$(cat "$scratch/seen.$when.$verb" 2>/dev/null)" ] || echo "$when, and a reader gets $seen" >>"$wrong"
  check_registry "$world" || [ "$when$only_doors" = newyes ] || { echo "killed, and check fails" && cat "$world/check"; } >>"$wrong"
  [ "$verb" != pull ] || check_pulled "$world"

  status=0
  in_world "$world" "$scratch/reburst" "${command[@]}" >"$world/log" 2>&1 </dev/null || status=$?
  case $status in
    0) ;;
    "$status_again") [ "$when" = new ] && grep -q "$says_again" "$world/log" || { echo "the next run ends with $status" && cat "$world/log"; } >>"$wrong" ;;
    *) { echo "the next run ends with $status" && cat "$world/log"; } >>"$wrong" ;;
  esac
  seen=$(read_channel "$world" "$channel")
  [ "$seen" = "$(cat "$scratch/seen.new.$verb")" ] || { echo "after the next run a reader gets $seen"; cat "$world/reader/log"; } >>"$wrong"
  check_registry "$world" || { echo "after the next run check fails" && cat "$world/check"; } >>"$wrong"
  [ -z "$compare" ] || [ "$compare" = registry ] || [ "$(compared "$world")" = "$(cat "$scratch/made.new.$verb")" ] || echo "the next run made another $compare" >>"$wrong"
  [ "$verb" != gc ] || diff <(names "$scratch/done.gc") <(names "$world") >>"$wrong" || true # what differs is what is wrong
  [ "$verb" != pull ] || { check_pulled "$world" && cmp "$second"/*.raw "$world/pulled"/*.raw >>"$wrong" 2>&1; } || true # the same
  nothing_left "$world"
  [ -s "$wrong" ] || rm -rf "$world"
}

# What a reader and the next run can tell apart: the names and sizes of all that is there, without what is random in them, of work under
# way (hidden folders, which are swept whole) that there is some, and the content of what is replaced under its name.
looks() {
  { moment "$1" && compared "$1" && cd "$1" &&
    find . ! -path ./log ! -path ./temp ! -name latest-time ! -type d -printf '%p %s %l\n' |
    sed -E 's/[0-9a-f]{64}/HASH/g; s/(\/\.[a-z]+)[^ ]* .*/\1/; s/([.-])[A-Za-z0-9]{6}(\/|\.| |$)/\1\2/g' | sort -u &&
    cat registry/oci/*/index.json registry/images/*/*/SHA256SUMS 2>/dev/null; } | sha256sum | cut -c 1-64
}

# check_registry WORLD: in $only_doors whether all that it finds is that other doors, which come after the metadata, show what was before.
check_registry() {
  local status=0
  only_doors=
  [ "$(moment "$1")" != none ] || return 0
  in_world "$1" "$scratch/reburst" registry check --registry registry >"$1/check" 2>&1 </dev/null || status=$?
  [ "$status" -ne 0 ] || return 0
  if [ "$status" -eq 6 ] && ! grep '^  ' "$1/check" | grep -vE '^  (images/|oci/[a-z]+/index.json |hint: |(root|targets|snapshot|timestamp|shop-[a-z]+) )' >/dev/null; then only_doors=yes; fi
  return 1
}

# The state may be newer than the release, never older; and what stands there is whole.
check_pulled() {
  in_world "$1" "$scratch/reburst" verify pulled --root root.json >"$1/check" 2>&1 </dev/null || { echo "what was pulled does not verify" && cat "$1/check"; } >>"$wrong"
  [ ! -e "$1/pulled/shop_$two.raw" ] || [ "$(trusted "$1/state")" = "$(cat "$scratch/made.new.pull")" ] || echo "a release was installed that the state does not know" >>"$wrong"
}

# What a killed export prepared, beside the bundle and in the registry, the next one has removed.
nothing_left() {
  rm -rf "$1/reader"
  find "$1" \( -name '.staging*' -o -name '*.next' -o -name '.incoming*' -o -name '*.importing' -o -name '.reburst-*' -o -name '.exported.*' -o -path '*/cache/tmp/*' \) >"$1/left"
  while read -r folder; do [ ! -e "$folder" ] || echo "$folder"; done <"$1/temp" >>"$1/left" # with a secret key, perhaps
  [ ! -s "$1/left" ] || { echo "left after the next run:" && cat "$1/left"; } >>"$wrong"
}
names() { (cd "$1/registry" && find chunks targets -name '*_*' -o -name '*.cacnk' | sort); }

# start VERB: its world, what is seen and made before and after, and in $scratch/points.VERB where to kill it. The last step that
# renames is the one by which all has become visible.
start() {
  local verb=$1 total turn each from
  mkdir "$scratch/start.$verb"
  (cd "$scratch/start.$verb" && prepare_$verb)
  describe "$verb"
  cp -a "$scratch/start.$verb" "$scratch/done.$verb"
  settle "$scratch/done.$verb"
  in_world "$scratch/done.$verb" env LD_PRELOAD="$scratch/kill_at.so" KILL_COUNT="$scratch/count.$verb" "$scratch/reburst" "${command[@]}" >"$scratch/out.$verb" 2>&1 || { cat "$scratch/out.$verb"; fail "$verb: ${command[*]}"; }
  for each in old new; do
    from=$scratch/start.$verb
    [ $each = old ] || from=$scratch/done.$verb
    moment "$from" >"$scratch/moment.$each.$verb"
    compared "$from" >"$scratch/made.$each.$verb"
    read_channel "$from" "$channel" >"$scratch/seen.$each.$verb"
    rm -rf "$from/reader"
  done
  [ "$(cat "$scratch/moment.old.$verb" "$scratch/made.old.$verb")" != "$(cat "$scratch/moment.new.$verb" "$scratch/made.new.$verb")" ] || fail "$verb changes nothing"
  read -r total turn <"$scratch/count.$verb"
  [ "$total" -ge 4 ] && [ "$turn" -ge 1 ] || fail "$verb: only $total steps"
  echo "$total" >"$scratch/total.$verb"
  if [ "$every" = all ]; then seq 1 "$total"; else
    printf '%s\n' $((1 + total / 2)) $((turn - 1)) "$turn" "$total" | sort -nu | awk '$1 >= 1'
  fi | sed "s/^/$verb /" >"$scratch/points.$verb"
}

mkdir "$scratch/base" "$scratch/wrong" "$scratch/tried" "$scratch/judged" "$scratch/temps"
(cd "$scratch/base" && base)
lanes=()
for lane in "first publish promote yank gc hold refresh" "rotate approve approve_publish export import list pull"; do
  (for verb in $lane; do start "$verb"; done) &
  lanes+=($!)
done
for lane in "${lanes[@]}"; do wait "$lane" || fail "not all of them could be prepared"; done
cat "$scratch"/points.* >"$scratch/points"

step "$(wc -l <"$scratch/points") kills"
workers=$(nproc)
for ((worker = 0; worker < workers; worker++)); do
  awk -v workers="$workers" -v worker=$worker 'NR % workers == worker' "$scratch/points" | while read -r verb at; do try_at "$verb" "$at"; echo >>"$scratch/finished.$worker"; done &
done
wait
[ "$(cat "$scratch"/finished.* | wc -l)" -eq "$(wc -l <"$scratch/points")" ] || fail "not all of them were tried"
# Where gpg worked for those whose next run nobody saw.
in_world "$scratch/done.hold" "$scratch/reburst" registry hold shop $one --reason x --keys keys >/dev/null 2>&1
[ "$(cat "$scratch"/temps/* | wc -l)" -ge 1 ] || fail "nobody had work for gpg"
for folder in $(cat "$scratch"/temps/*); do [ ! -e "$folder" ] || fail "$folder is left"; done
for points in "$scratch"/points.*; do
  verb=${points##*.}
  before=$(cat "$scratch/tried/$verb".* | grep -cx old) after=$(cat "$scratch/tried/$verb".* | grep -cx new)
  step "$verb of $(cat "$scratch/total.$verb") steps, killed: $before times before and $after times after it was done, $(ls "$scratch/judged" | grep -c "^$verb\.") of them worth a look"
  [ "$before" -ge 1 ] && [ "$after" -ge 1 ] && [ $((before + after)) -ge 3 ] || fail "$verb: too little was tried"
done
[ "$(cat "$scratch"/points.* | cut -d' ' -f1 | sort -u | wc -l)" -eq 14 ]
wrong=$(find "$scratch/wrong" -type f -size +0 | sort)
[ -z "$wrong" ] || { for each in $wrong; do echo "${each##*/}:" && cat "$each"; done >&2; fail "$(wc -l <<<"$wrong") kills"; }
