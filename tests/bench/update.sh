#!/usr/bin/env bash
# What an update costs: bytes that `reburst pull --seed` brings when one package changed, against casync at its default chunking and
# against the whole image compressed; and what `publish` writes to disk then (chunks, the delta, SBOMs, statements, metadata).
#   tests/bench/update.sh [PACKAGES…]     sets of package names that change together, joined by commas (default: libssl3,openssl nginx-light,nginx,nginx-common …)
# Each set is a real pair: the newest version that the machine's archive offers, and the one before, of another suite. Needs casync, xz-utils, apt.
# Ends with status 1 when a bar is missed.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
work=${WORK:-$(mktemp -d)}
[ -n "${WORK:-}" ] || trap 'rm -rf "$work"' EXIT
reburst=${REBURST:-$here/reburst}
[ $# -gt 0 ] || set -- libssl3,openssl nginx-light,nginx,nginx-common linux-image-cloud-amd64
mkdir -p "$work"
common=(--cache "${CACHE:-$work/cache}" --quiet)

# recipe FILE [PACKAGE=VERSION…]: web with packages held at old versions
recipe() {
  local file=$1 pins
  shift
  pins=$(printf '%s, ' "$@")
  printf 'recipe: 1\nrole: shop\nfrom: web\nepoch: %s\nsummary: web before and after an update\npackages: {install: [%s]}\n' "$epoch" "${pins%, }" >"$file"
}
bytes() { stat -c %s "$@" | awk '{n += $1} END {print n + 0}'; }
# new_chunks OLD_STORE NEW_STORE: bytes of the chunk files that only NEW_STORE has
new_chunks() {
  comm -13 <(cd "$1" && find . -name '*.cacnk' | sort) <(cd "$2" && find . -name '*.cacnk' | sort) | (cd "$2" && xargs -r stat -c %s) | awk '{n += $1} END {print n + 0}'
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f", a / b}'; }

epoch=2026-02-02T00:00:00Z
recipe "$work/new.yaml"
new=$("$reburst" build "$work/new.yaml" "${common[@]}" --out "$work/new" | tail -n 1)
image=$(echo "$new"/*.raw)
[ -f "$work/full.xz" ] || xz -T0 -k -c "$image" >"$work/full.xz"
[ -d "$work/new.castr" ] || casync make --without=all --store="$work/new.castr" "$work/new.caibx" "$image" >/dev/null
full=$(bytes "$work/full.xz")

printf '%-34s %12s %12s %8s %12s %8s %8s %8s\n' "what changed" "reburst" "casync" "ratio" "xz, whole" "ratio" "pull" "written"
missed=0
measured=0
for set in "$@"; do
  pins=()
  for name in ${set//,/ }; do
    mapfile -t versions < <(apt-cache madison "$name" | awk '{print $3}' | sort -uV)
    [ "${#versions[@]}" -gt 1 ] || continue
    # madison lists what the suites offer, newest first; the one before it is the old.
    old=$(apt-cache madison "$name" | awk '{print $3}' | awk '!seen[$0]++' | sed -n 2p)
    pins+=("$name=$old")
  done
  [ "${#pins[@]}" -gt 0 ] || { echo "$set: the archive offers one version only" >&2; continue; }
  at=$work/${set%%,*}
  mkdir -p "$at"
  epoch=2026-01-01T00:00:00Z
  recipe "$at/old.yaml" "${pins[@]}"
  before=$("$reburst" build "$at/old.yaml" "${common[@]}" --out "$at/old" | tail -n 1)
  rm -rf "$at/registry" "$at/keys" "$at/state" "$at/pulled"
  export XDG_DATA_HOME=$at/keys XDG_STATE_HOME=$at/state
  "$reburst" publish "$before" --registry "$at/registry" "${common[@]}" >"$at/publish" 2>&1 || { cat "$at/publish"; exit 1; }
  # Files that folder and registry share are counted once, so that the difference is what was written.
  from=$(du -s --block-size=1 "$work/new" "$at/registry" | awk '{n += $1} END {print n}')
  "$reburst" publish "$new" --registry "$at/registry" "${common[@]}" --json >"$at/publish.json"
  written=$(($(du -s --block-size=1 "$work/new" "$at/registry" | awk '{n += $1} END {print n}') - from))
  "$reburst" pull shop@dev --registry "$at/registry" --seed "$(echo "$before"/*.raw)" --out "$at/pulled" "${common[@]}" --json >"$at/pull.json"
  cmp "$image" "$(echo "$at"/pulled/*.raw)"
  [ -d "$at/casync" ] || casync make --without=all --store="$at/casync" "$at/casync.caibx" "$(echo "$before"/*.raw)" >/dev/null
  theirs=$(($(new_chunks "$at/casync" "$work/new.castr") + $(bytes "$work/new.caibx")))
  read -r ours pulled chunks delta < <(python3 - "$at" <<'P'
import json, sys
pull, publish = (json.load(open(sys.argv[1] + name)) for name in ("/pull.json", "/publish.json"))
print(pull["for_disk"], pull["downloaded"], publish["new_bytes"], publish["delta_bytes"])
P
  )
  printf '%-34s %12d %12d %8s %12d %8s %8d %8d\n' "${pins[0]%%=*} ${pins[0]#*=}" "$ours" "$theirs" "$(ratio "$ours" "$theirs")" "$full" "$(ratio "$ours" "$full")" "$pulled" "$written"
  measured=$((measured + 1))
  awk -v value="$(ratio "$ours" "$theirs")" 'BEGIN { exit !(value <= 0.5) }' || { echo "the bar is missed: more than half of casync's bytes" >&2; missed=1; }
  # The SBOMs in their envelopes, once as targets and once in bundles, are 13 MB of it.
  [ "$written" -le $((chunks + delta + (16 << 20))) ] || { echo "the bar is missed: publish wrote more than new chunks ($chunks), the delta ($delta) and 16 MiB of statements" >&2; missed=1; }
done
[ "$measured" -gt 0 ] || { echo "nothing was measured: no set has two versions in the archive" >&2; exit 1; }
exit "$missed"
