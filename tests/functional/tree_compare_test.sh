#!/bin/bash
# tree_compare excuses what a row of the table says, and nothing beside it.
set -euo pipefail
: "${TREE_COMPARE:?}"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/reburst-compare.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
ours=$scratch/ours theirs=$scratch/theirs
fail() { echo "FAILED: $*" >&2; exit 1; }

new_trees() {
  rm -rf "$ours" "$theirs"
  mkdir -p "$ours" "$theirs"
  printf 'relay =\nhost = build.example.org\n' >"$theirs/main.cf"
  printf 'relay =\nhost = localhost\n' >"$ours/main.cf"
  printf 'Name: a/mailname\nValue: build.example.org\n\nName: b/other\nValue: yes\n' >"$theirs/config.dat"
  printf 'Name: a/mailname\nValue: localhost\n\nName: b/other\nValue: yes\n' >"$ours/config.dat"
  ln -s snakeoil.pem "$theirs/0123abcd.0"
}
table() {
  printf '| path | what | reason |\n|---|---|---|\n'
  printf '| `/[0-9a-f]*.0` | theirs -> `snakeoil.pem` | a link by hash |\n'
  printf '| `/main.cf` | lines `host = *` | a host name |\n'
  printf '| `/config.dat` | lines `Name: a/mailname > Value: *`, `Name: z/none > Value: *` | a host name |\n'
}
table >"$scratch/table.md"
equal() { "$TREE_COMPARE" "$ours" "$theirs" "$scratch/table.md" >"$scratch/out" 2>&1 || { cat "$scratch/out" >&2; fail "$1"; }; }
differs() { # LINE WHAT
  if "$TREE_COMPARE" "$ours" "$theirs" "$scratch/table.md" >"$scratch/out" 2>/dev/null; then fail "$2 was excused"; fi
  grep -qE "^$1 " "$scratch/out" || { cat "$scratch/out" >&2; fail "$2: another difference"; }
}

new_trees; equal "what the table has"
new_trees; ln -sfn other.pem "$theirs/0123abcd.0"; differs 'theirs /0123abcd.0' "a link to another certificate"
new_trees; rm "$theirs/0123abcd.0"; touch "$theirs/0123abcd.0"; differs 'theirs /0123abcd.0' "a file in the link's place"
new_trees; mv "$theirs/0123abcd.0" "$ours/"; differs 'ours /0123abcd.0' "a link that only ours has"
new_trees; echo 'extra = yes' >>"$ours/main.cf"; differs 'content /main.cf' "a line that only ours has"
new_trees; sed -i 's/relay =/relay = elsewhere/' "$theirs/main.cf"; differs 'content /main.cf' "another line"
new_trees; sed -i 's/Value: yes/Value: no/' "$ours/config.dat"; differs 'content /config.dat' "another question's value"
new_trees; sed -i 's/^Name: a.*/&\nFlags: seen/' "$ours/config.dat"; differs 'content /config.dat' "another field of the same question"
new_trees; chmod 600 "$ours/main.cf"; differs 'mode /main.cf' "the mode of a file whose lines may differ"

new_trees
for what in 'lines' 'theirs ->' 'content `x`' 'everything'; do
  printf '| `/main.cf` | %s | a reason |\n' "$what" >"$scratch/table.md"
  ! "$TREE_COMPARE" "$ours" "$theirs" "$scratch/table.md" >/dev/null 2>&1 || fail "a row says \"$what\", and nobody minds"
done
