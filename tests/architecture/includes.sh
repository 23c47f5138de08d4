#!/usr/bin/env bash
# The include directions of docs/architecture.md, read from its table: a folder includes itself and what its row names.
# Also: vendor headers stay in .cpp files, and only cli/ reads the clock, the environment and the terminal.
set -euo pipefail
cd "${1:?source folder}"
faults=0
fault() { echo "$1"; faults=$((faults + 1)); }

# Rows look like: | `builder/lock` | core, builder/resolve |
rows=$(sed -n 's/^| `\([a-z/]*\)` | \(.*\) |$/\1:\2/p' docs/architecture.md)
[ -n "$rows" ] || { echo "docs/architecture.md has no table of include directions"; exit 1; }

allowed() { # FOLDER INCLUDED
  local list
  list=$(sed -n "s#^$1:##p" <<<"$rows")
  [ "$1" = "$2" ] && return 0
  case ", $list," in *", $2,"*) return 0 ;; esac
  return 1
}

folder_of() { # path → the longest known folder that holds it
  local dir
  dir=$(dirname "$1")
  while [ "$dir" != . ] && ! grep -q "^$dir:" <<<"$rows"; do dir=$(dirname "$dir"); done
  echo "$dir"
}

seen=0
while IFS=: read -r file included; do
  from=$(folder_of "$file")
  to=$(folder_of "$included")
  [ "$from" != . ] || { fault "$file: its folder is not in the table of docs/architecture.md"; continue; }
  seen=$((seen + 1))
  [ "$to" != . ] || { fault "$file includes $included, whose folder is not in the table"; continue; }
  allowed "$from" "$to" || fault "$file includes $included: \`$from\` may not include \`$to\`"
done < <(grep -rnoE '#include "[^"]+"' --include='*.cpp' --include='*.hpp' core cache fetch signing registry builder boot trial attack cli |
         sed -E 's/^([^:]+):[0-9]+:#include "(.*)"$/\1:\2/')
[ "$seen" -gt 50 ] || fault "only $seen includes were seen: the check does not see the code"

while IFS= read -r line; do fault "a vendor's header outside its adapter: $line"; done < <(
  grep -rnE '#include <(solv|archive|archive_entry|openssl|nettle|curl|yaml-cpp|zstd)[/.>]' --include='*.hpp' core cache fetch signing registry builder boot trial attack cli | grep -v '^builder/resolve/libsolv.hpp:' || true)
# The one header that brings a library's own: what needs it stays in its folder.
while IFS= read -r line; do fault "libsolv outside builder/resolve, or in a header that others include: $line"; done < <(
  grep -rnE '#include "builder/resolve/(libsolv|import|problems).hpp"' --include='*.hpp' --include='*.cpp' . | sed 's#^\./##' |
    grep -vE '^build/|^builder/resolve/([a-z_]+\.cpp|import\.hpp|problems\.hpp):' || true)
while IFS= read -r line; do fault "the environment, clock or terminal outside cli/: $line"; done < <(
  grep -rnE '\b(getenv|setlocale|isatty|gettimeofday|system_clock)\b|std::time\(' --include='*.cpp' --include='*.hpp' core cache fetch signing registry builder trial attack || true)

[ "$faults" -eq 0 ] && echo "$seen includes, all allowed"
exit $((faults > 0))
