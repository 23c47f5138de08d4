#!/usr/bin/env bash
# includes.sh refuses what it is there to refuse, whatever the header is called.
set -euo pipefail
check=$(cd "$(dirname "$0")" && pwd)/includes.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
mkdir -p docs core cache fetch signing registry builder/tree boot trial attack cli
printf '| folder | may include |\n|---|---|\n| `core` | nothing |\n| `builder/tree` | core |\n| `cli` | core, builder/tree |\n' >docs/architecture.md
refuses() { # TEXT OF A FILE, FILE, FAULT
  echo "$1" >"$2"
  { "$check" . || true; } >out
  grep -qxF -- "$3" out || { cat out >&2; echo "FAILED: not refused: $1 in $2" >&2; exit 1; }
  rm "$2"
}
refuses '#include "cli/verb.hpp"' core/a.hpp 'core/a.hpp includes cli/verb.hpp: `core` may not include `cli`'
refuses '#include "cli/sha256_lanes.hpp"' core/a.hpp 'core/a.hpp includes cli/sha256_lanes.hpp: `core` may not include `cli`'
refuses '#include "cli/Main-2.hpp"' core/a.hpp 'core/a.hpp includes cli/Main-2.hpp: `core` may not include `cli`'
refuses '#include "elsewhere/x.hpp"' core/a.hpp 'core/a.hpp includes elsewhere/x.hpp, whose folder is not in the table'
refuses '#include <archive.h>' builder/tree/a.hpp "a vendor's header outside its adapter: builder/tree/a.hpp:1:#include <archive.h>"
refuses 'std::time(nullptr);' core/a.cpp 'the environment, clock or terminal outside cli/: core/a.cpp:1:std::time(nullptr);'
echo '#include "core/a1.hpp"' >cli/a.cpp
{ "$check" . || true; } >out
! grep -q 'includes core/a1' out || { cat out >&2; echo "FAILED: refused what is allowed" >&2; exit 1; }
