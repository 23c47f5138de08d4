#!/usr/bin/env bash
# From cached indexes to a resolved set, against apt-get --simulate on the same archive, request by request in one run.
#   tests/bench/resolve.sh [BUILD-FOLDER]     prints both medians and their ratio; status 1 when the bar for ours, 0.2 s, is missed
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
lines=$("${1:-$here/build/dev}/tests/unit/resolve/apt_parity" "$here/tests/solver/parity.list" | tail -n 2)
echo "$lines"
ours=$(sed -n 's/^medians: reburst \([0-9.]*\) s,.*/\1/p' <<<"$lines")
awk -v ours="${ours:?apt_parity prints no medians}" 'BEGIN { exit !(ours < 0.2) }' || { echo "the bar is missed: $ours s, and not less than 0.2 s" >&2; exit 1; }
