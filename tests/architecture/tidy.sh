#!/usr/bin/env bash
# clang-tidy (.clang-tidy) has nothing to say of the program's sources.
#   tidy.sh SOURCE WORK [FILE…]     WORK is a folder of its own; FILEs, relative to SOURCE, instead of all
set -euo pipefail
cd "${1:?source folder}"
work=${2:?work folder}
shift 2
mkdir -p "$work"
# A compile database of its own: clang cannot read gcc's precompiled headers.
cmake -S . -B "$work" -G Ninja -DREBURST_PCH=OFF -DREBURST_TESTS=OFF >"$work/configure.log" 2>&1 || { cat "$work/configure.log" >&2; exit 1; }

# gcc knows warnings that clang does not. Standard error is of no use: it counts what is said of other people's headers.
tidy() { clang-tidy -p "$work" --quiet --extra-arg=-Wno-unknown-warning-option "$1" 2>/dev/null || { echo "FAILED: $1"; exit 1; }; }
export -f tidy
export work
if [ $# -eq 0 ]; then
  mapfile -t all < <(find core cache fetch signing registry builder boot trial attack cli -name '*.cpp' | sort)
  [ "${#all[@]}" -gt 100 ] || { echo "only ${#all[@]} files were found: the check does not see the code" >&2; exit 1; }
  set -- "${all[@]}"
fi
printf '%s\0' "$@" | xargs -0 -P "$(nproc)" -I {} bash -c 'tidy {}'
