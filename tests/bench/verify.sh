#!/usr/bin/env bash
# How long `reburst verify` of a pulled image takes (every file's SHA-256, the provenance, the verity tree) against `openssl dgst -sha256` of its disk.
#   tests/bench/verify.sh [RUNS]      ends with status 1 when the bar is missed
set -euo pipefail
runs=${1:-5}
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
reburst=${REBURST:-$here/reburst}
common=(--cache "${CACHE:-$work/cache}" --quiet)
export XDG_DATA_HOME=$work/keys XDG_STATE_HOME=$work/state

echo "preparing: a release, published and pulled" >&2
release=$("$reburst" build web "${common[@]}" --out "$work/out" | tail -n 1)
"$reburst" publish "$release" --registry "$work/registry" "${common[@]}" >/dev/null 2>&1
"$reburst" pull web@dev --registry "$work/registry" --out "$work/pulled" "${common[@]}" >/dev/null
image=$(echo "$work"/pulled/*.raw)

seconds() { local from; from=$(date +%s%N); "$@" >/dev/null; echo $((($(date +%s%N) - from) / 1000)); }
for _ in $(seq "$runs"); do
  seconds openssl dgst -sha256 "$image" >>"$work/theirs"
  seconds "$reburst" verify "$image" --quiet >>"$work/ours"
done
median() { sort -n "$1" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
theirs=$(median "$work/theirs") ours=$(median "$work/ours")
ratio=$(awk -v a="$ours" -v b="$theirs" 'BEGIN {printf "%.2f", a / b}')
cat <<R
medians of $runs runs, whole processes, $(nproc) processors, $(stat -c %s "$image") bytes
  openssl dgst -sha256   $((theirs / 1000)) ms
  reburst verify         $((ours / 1000)) ms   ratio $ratio   bar 1.3
R
awk -v value="$ratio" 'BEGIN { exit !(value <= 1.3) }' || { echo "the bar is missed: ratio $ratio, more than 1.3" >&2; exit 1; }
