#!/usr/bin/env bash
# From cached indexes to a resolved set, against apt-get --simulate on the same archive, request by request in one run.
#   tests/bench/resolve.sh [BUILD-FOLDER]     prints both medians and their ratio; the bar for ours is 0.2 s
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
"${1:-$here/build/dev}/tests/unit/resolve/apt_parity" "$here/tests/solver/parity.list" | tail -n 2
