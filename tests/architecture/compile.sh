#!/usr/bin/env bash
# What ./check and ./reburst say of a compilation: a line when there is something to compile, nothing when there is not, and
# the compiler's words when it fails.
#   compile.sh SOURCE
set -euo pipefail
here=$(mktemp -d "${TMPDIR:-/tmp}/reburst-compile.XXXXXX")
trap 'rm -rf "$here"' EXIT
me=check
# shellcheck source=dependencies/install.sh
. "${1:?source folder}/dependencies/install.sh"

fail() { echo "FAILED: $*" >&2; exit 1; }
says() { # TEXT: all that the next compilation says
  compile "$here/build" dev >"$here/said" 2>&1 || { cat "$here/said" >&2; fail "it does not compile"; }
  [ "$(cat "$here/said")" = "$1" ] || { cat "$here/said" >&2; fail "said otherwise than \"$1\""; }
}
told='check: compiling (once; later runs only what changed)'

cat >"$here/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.25)
project(tiny C)
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
add_executable(tiny ${sources})
C
echo '{"version": 6, "configurePresets": [{"name": "dev", "generator": "Ninja", "binaryDir": "${sourceDir}/build"}]}' >"$here/CMakePresets.json"
echo 'int main(void) { return 0; }' >"$here/main.c"
says "$told"
says ''
says ''
echo 'int more(void) { return 1; }' >"$here/more.c"
says "$told"
says ''
echo 'int more(void) { return nothing; }' >"$here/more.c"
! compile "$here/build" dev >"$here/said" 2>&1 || fail "what does not compile is taken"
grep -q "^check: error: the compilation failed; all of its output is in $here/build/compile.log$" "$here/said" || { cat "$here/said" >&2; fail "no error"; }
grep -q "nothing" "$here/said" || fail "the compiler's words are not shown"
