#!/usr/bin/env bash
# The person at the terminal: help, version, manual page, completion, exit statuses.
. "$(dirname "$0")/lib.sh"

step "version"
expect 0 "$REBURST" --version
says '^reburst [0-9]+\.[0-9]+\.[0-9]+$'

step "every verb explains itself, with examples"
verbs=("build" "test" "boot" "attack" "resolve" "why" "lock" "lock diff" "recipe check" "recipe show" "recipe schema" "completion" "man" "push"
  "key create" "key nvram" "key list" "key add" "key remove" "key set" "key rotate" "publish" "promote" "approve" "yank" "list" "show" "history"
  "pull" "verify" "ticket" "registry check" "registry refresh" "registry gc" "registry hold" "registry unhold" "registry export" "registry import")
for verb in "${verbs[@]}"; do
  # shellcheck disable=SC2086 # a verb may be two words
  expect 0 "$REBURST" $verb --help
  says '^Examples:$'
  grep -q "reburst $verb" "$scratch/out" || fail "the examples of $verb do not use it"
done

step "the manual page covers every verb and formats without a warning"
expect 0 "$REBURST" man
cp "$scratch/out" "$scratch/reburst.1"
for verb in "${verbs[@]}"; do grep -q "^.SS \"reburst ${verb}\"" "$scratch/reburst.1" || fail "no $verb in the manual page"; done
expect 0 man --warnings -E UTF-8 -l -Tutf8 "$scratch/reburst.1"
[ ! -s "$scratch/err" ] || fail "man(1) warns: $(cat "$scratch/err")"
# Bold comes as overstrikes or as escape sequences.
sed -e 's/.\x08//g' -e 's/\x1b\[[0-9;]*m//g' "$scratch/out" | grep 'EXIT STATUS' >/dev/null || fail "the page does not format"

step "the manual page lists the exit statuses that the reference has"
statuses() { sed -n 's/^| \([0-9][0-9+N]*\) | [^|]*| \(.*\) |$/\1 \2/p' "$SOURCE/docs/reference/exit-status.md"; }
[ "$(statuses | wc -l)" -ge 21 ] || fail "the reference has fewer exit statuses: $(statuses)"
diff <(statuses) <(sed -n '/^.SH EXIT STATUS/,/^.SH ENV/p' "$scratch/reburst.1" | sed -n '/^\.B /{s///;N;s/\n/ /;s/\\-/-/g;p}') ||
  fail "the manual page lists other statuses"

step "completion works in bash"
expect 0 "$REBURST" completion bash
cp "$scratch/out" "$scratch/completion.bash"
completed() { # WORDS… → what the last word completes to
  bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _reburst; printf "%s\n" "${COMPREPLY[@]}"' - "$scratch/completion.bash" "$@"
}
completed reburst bu | grep -x build >/dev/null || fail "bu does not complete to build"
completed reburst recipe s | grep -x schema >/dev/null || fail "recipe s does not complete to schema"
completed reburst build web --off | grep -x -- --offline >/dev/null || fail "build --off does not complete to --offline"
completed reburst completion f | grep -x fish >/dev/null || fail "completion f does not complete to fish"
completed reburst build w | grep -x web >/dev/null || fail "build w does not complete to web"
mkdir "$scratch/folder"
touch "$scratch/folder/shop.yaml"
(cd "$scratch/folder" && completed reburst recipe show ./s) | grep -x ./shop.yaml >/dev/null || fail "./s does not complete to ./shop.yaml"
[ "$(completed reburst build web --out "$scratch/fold")" = "$scratch/folder" ] || fail "--out does not complete to a folder alone"
[ -z "$(completed reburst build web --jobs "")" ] || fail "--jobs completes to something"
mkdir -p "$scratch/folder/registry/targets/web/"{blue,stable}/20261121T161027Z
touch "$scratch/folder/anna.pub"
completes() { # WANTED WORDS…: the last word completes to exactly these
  [ "$(cd "$scratch/folder" && completed "${@:2}" | sort | paste -sd ' ')" = "$1" ] || fail "${*:2} completes to something else than $1"
}
completes "web@blue" reburst pull web@b
completes "web@blue" reburst ticket web@b
completes "web@20261121T161027Z web@blue web@stable" reburst show we
completes "stable" reburst pull web @ st
completes "20261121T161027Z" reburst promote web 2
completes "blue dev stable" reburst publish web --channel ""
completes "stable" reburst promote web 20261121T161027Z --to s
completes "snapshot" reburst key add sn
completes "anna.pub" reburst key add root an
completes "rotate" reburst key ro
completes "refresh" reburst registry re
[ -z "$(completed reburst lock diff "" | grep -x web)" ] || fail "lock diff completes to a role"

step "completion works in zsh: sourced, and from \$fpath"
expect 0 "$REBURST" completion zsh
cp "$scratch/out" "$scratch/completion.zsh"
in_zsh() { (cd "$scratch" && timeout 120 python3 "$SOURCE/tests/support/shell/zsh_completion.py" "$1" "$scratch/completion.zsh" "${@:2}"); }
for way in source fpath; do
  expect 0 in_zsh $way "reburst bu" "reburst recipe sc" "reburst build web --off" "reburst completion f" "reburst build w" \
    "reburst recipe show ./folder/s" "reburst build web --out fold" "reburst build web --jobs f" "reburst lock diff w" "reburst lock d"
  printf '%s\n' "reburst build" "reburst recipe schema" "reburst build web --offline" "reburst completion fish" "reburst build web" \
    "reburst recipe show ./folder/shop.yaml" "reburst build web --out folder/" "reburst build web --jobs f" "reburst lock diff w" \
    "reburst lock diff" | diff - <(sed 's/ *$//' "$scratch/out") || fail "zsh completes otherwise ($way)"
done

in_zsh_there() { (cd "$scratch/folder" && timeout 120 python3 "$SOURCE/tests/support/shell/zsh_completion.py" source "$scratch/completion.zsh" "$@"); }
expect 0 in_zsh_there "reburst pull web@s" "reburst promote web 2" "reburst yank web 20261121T161027Z --reason x --prop" "reburst publish web --channel b" "reburst key set sn"
printf '%s\n' "reburst pull web@stable" "reburst promote web 20261121T161027Z" "reburst yank web 20261121T161027Z --reason x --propose" \
  "reburst publish web --channel blue" "reburst key set snapshot" | diff - <(sed 's/ *$//' "$scratch/out") || fail "zsh completes releases otherwise"

step "completion works in fish"
expect 0 "$REBURST" completion fish
cp "$scratch/out" "$scratch/completion.fish"
in_fish() { # LINE → what fish offers for its end
  (cd "$scratch" && HOME=$scratch fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$scratch/completion.fish" "$1")
}
offers() { # LINE WANTED…: exactly these
  expect 0 in_fish "$1"
  diff <(cut -f 1 "$scratch/out" | sort) <([ $# -eq 1 ] || printf '%s\n' "${@:2}" | sort) || fail "fish offers otherwise for: $1"
}
offers "reburst bu" build
offers "reburst recipe s" schema show
offers "reburst build web --off" --offline
offers "reburst completion " bash fish zsh
offers "reburst build w" web
offers "reburst recipe show ./folder/s" ./folder/shop.yaml
offers "reburst build web --out fold" folder/
in_fish_there() { (cd "$scratch/folder" && HOME=$scratch fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$scratch/completion.fish" "$1"); }
offers_there() { expect 0 in_fish_there "$1"; diff <(cut -f 1 "$scratch/out") <(printf '%s\n' "${@:2}") || fail "fish offers otherwise for: $1"; }
offers_there "reburst pull web@" web@20261121T161027Z web@blue web@stable
offers_there "reburst promote web 2" 20261121T161027Z
offers_there "reburst promote web 20261121T161027Z --to s" stable
offers_there "reburst key set sn" snapshot
offers "reburst lock d" diff
offers "reburst lock diff w"
offers "reburst lock w" web

step "a command line that makes no sense is an error like any other"
fault() { # MESSAGE HINT ARGUMENTS…
  expect 2 "$REBURST" "${@:3}"
  [ ! -s "$scratch/out" ] || fail "${*:3}: something on standard output"
  printf 'reburst: error: %s\n  hint: %s\n' "$1" "$2" | diff - "$scratch/err" || fail "${*:3}: another message"
}
verb_list='the verbs are build, test, boot, attack, resolve, why, lock, recipe, key, publish, promote, approve, yank, push, list, show, history, pull, verify, ticket, registry, completion, man; see "reburst --help"'
fault '"reburst" needs a verb' "$verb_list"
fault '"reburst" has no verb "burn"' "$verb_list" burn web
fault '"reburst" has no verb "biuld"' 'did you mean "reburst build"?' biuld web
fault '"reburst recipe" needs a verb' 'the verbs are check, show, schema; see "reburst recipe --help"' recipe
fault '"reburst recipe" has no verb "shwo"' 'did you mean "reburst recipe show"?' recipe shwo web
fault '"reburst build": ROLE is required' 'see "reburst build --help"' build
fault '"reburst build" takes no option "--no-such-option"' 'see "reburst build --help"' build web --no-such-option
fault '"reburst build" takes no option "--ofline"' 'did you mean "--offline"?' build web --ofline
fault '"reburst build" takes no further argument "mail"' 'see "reburst build --help"' build web mail
fault '"reburst build": --jobs: Value 0 not in range 1 to 1024' 'see "reburst build --help"' build web --jobs 0
fault '"reburst build": "--cache" is given twice' 'keep one of the two' build web --cache a --cache b
fault '"reburst build": "--jobs" is given twice' 'keep one of the two' build web --jobs=1 --jobs 2
fault '"reburst lock diff": "--out" is given twice' 'keep one of the two' lock diff --out a x y --out b
expect 2 "$REBURST" biuld --json
says '^\{"error":\{"code":"usage",.*"status":2\}\}$'
for group in registry key recipe; do
  expect 0 "$REBURST" $group push --help
  says "^  reburst $group "
  if grep -E '^  reburst (build|test|why) ' "$scratch/out" >/dev/null; then fail "the examples of $group are other verbs'"; fi
done
expect 0 "$REBURST" build --help
says '--jobs N  '

step "exit statuses"
expect 8 "$REBURST" recipe show no-such-role
says 'no-such-role'
printf 'recipe: 1\nrole: bad\npackges: {}\n' >"$scratch/bad.yaml"
expect 3 "$REBURST" recipe check "$scratch/bad.yaml"
says '^[^ ]*bad\.yaml:3:1: error: unknown key "packges"$'
says "hint: .*packages"

step "errors as JSON"
expect 3 "$REBURST" recipe check --json "$scratch/bad.yaml"
says '^\{"error":\{"code":"recipe",.*"status":3\}\}$'

step "recipe check names every file, and ends with the status of the first fault"
expect 8 "$REBURST" recipe check --json web no-such-role "$scratch/bad.yaml"
python3 - "$scratch/out" <<'END'
import json, sys
files = json.load(open(sys.argv[1]))["files"]
assert [one["valid"] for one in files] == [True, False, False], files
assert "error" not in files[0], files
assert [one["error"]["code"] for one in files[1:]] == ["missing", "recipe"], files
assert [one["error"]["status"] for one in files[1:]] == [8, 3], files
END
expect 3 "$REBURST" recipe check "$scratch/bad.yaml" web no-such-role
says '^web: valid$'
says '^[^ ]*bad\.yaml:3:1: error: '
says 'no-such-role'

step "--quiet and --json mean something, or at least no harm, to every verb"
for verb in "recipe schema" "man" "completion bash"; do
  # shellcheck disable=SC2086 # a verb may be several words
  expect 0 "$REBURST" $verb --quiet --json
  python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$scratch/out" || fail "$verb --json prints no JSON"
done
for verb in "${verbs[@]}"; do
  # shellcheck disable=SC2086
  expect 0 "$REBURST" $verb --help
  says '^  --quiet '
  says '^  --json '
  case $verb in key*) continue ;; esac  # --offline is a folder there
  for option in recipes out cache lock jobs offline; do says "^  --$option "; done
done

step "resolve and why read a lock, and then no archive"
lock_of() { # ROLE RECIPE-DIGEST → a lock without a kernel's package
  local sum package
  sum=$(printf '%064d' 0)
  package="\"architecture\":\"$machine\",\"component\":\"main\""
  printf '{"architecture":"%s","epoch":"1970-01-01T00:00:00Z","indexes":[{%s,"origin":"Debian","sha256":"%s","size":1,"suite":"bookworm"}],"lock":1,"packages":[' "$machine" "$package" "$sum"
  printf '{%s,"name":"app","origin":"Debian","path":"pool/app.deb","priority":"optional","reason":"","requested":true,' "$package"
  printf '"sha256":"%s","size":1,"source":"app","suite":"bookworm","version":"1.0"},' "$sum"
  printf '{%s,"name":"lib","origin":"Debian","path":"pool/lib.deb","priority":"optional","reason":"app Depends: lib",' "$package"
  printf '"sha256":"%s","size":1,"source":"lib","suite":"bookworm","version":"2.0"}' "$sum"
  printf '],"recipe":"%s","releases":[],"role":"%s"}\n' "$2" "$1"
}
machine=$(dpkg --print-architecture)
mkdir "$scratch/locked"
printf 'recipe: 1\nrole: tiny\nsources: host\npackages: {install: [app]}\n' >"$scratch/locked/tiny.yaml"
expect 0 "$REBURST" recipe check "$scratch/locked/tiny.yaml"
lock_of tiny "$(printf '%064d' 0)" >"$scratch/locked/tiny.lock"
expect 10 "$REBURST" resolve "$scratch/locked/tiny.yaml" --cache "$scratch/cache"
says 'was made from another recipe'
digest=$(sed -n 's/^  present: //p' "$scratch/err")
lock_of tiny "$digest" >"$scratch/locked/tiny.lock"
expect 0 "$REBURST" resolve "$scratch/locked/tiny.yaml" --cache "$scratch/cache"
printf 'app 1.0 %s\nlib 2.0 %s\n' "$machine" "$machine" | diff - "$scratch/out"
expect 0 "$REBURST" why "$scratch/locked/tiny.yaml" lib --cache "$scratch/cache"
printf 'app is asked for by the recipe\napp Depends: lib\n' | diff - "$scratch/out"
lock_of other "$digest" >"$scratch/other.lock"
expect 10 "$REBURST" why "$scratch/locked/tiny.yaml" lib --lock "$scratch/other.lock" --cache "$scratch/cache"
says 'was made for another role'
hints() { # TEXT: the last command's whole hint
  [ "$(sed -n 's/^  hint: //p' "$scratch/err")" = "$1" ] || { cat "$scratch/err" >&2; fail "another hint than: $1"; }
}
hints 'name a lock of "tiny"'
expect 2 "$REBURST" lock "$scratch/locked/tiny.yaml" --lock "$scratch/mine.lock" --cache "$scratch/cache"
says '--lock names a lock that is read, and this makes one'
hints "write --out $scratch/mine.lock"
[ ! -e "$scratch/cache" ] || fail "a lock was read, and yet the cache was opened"

step "a lock that is refused: the hint is the command that renews it, as this user would write it"
lock_of tiny "$(printf '0%.0s' {1..64})" >"$scratch/locked/my other.lock"  # of another recipe
in_locked() { (cd "$scratch/locked" && REBURST_PROGRAM="./my reburst" "$REBURST" "$@"); }
expect 10 in_locked resolve ./tiny.yaml --lock 'my other.lock'
hints "run \"'./my reburst' lock ./tiny.yaml --out 'my other.lock'\" to renew it"
expect 8 in_locked resolve ./tiny.yaml --lock none.lock --recipes .
hints "run \"'./my reburst' lock --recipes . ./tiny.yaml --out none.lock\" to make it"
cp "$scratch/locked/my other.lock" "$scratch/locked/tiny.lock"
expect 10 in_locked resolve ./tiny.yaml
hints "run \"'./my reburst' lock ./tiny.yaml\" to renew it"
lock_of tiny "$digest" >"$scratch/locked/tiny.lock"

step "what is no lock, and where none can be written"
mkfifo "$scratch/pipe"
for path in "$scratch" "$scratch/pipe" /dev/null; do
  expect 8 timeout 20 "$REBURST" resolve "$scratch/locked/tiny.yaml" --lock "$path"
  says "^reburst: error: \"$path\" is not a file$"
  hints 'a lock is a file that the verb "lock" writes: check the path'
done
nowhere() { expect "$1" "$REBURST" lock "$scratch/locked/tiny.yaml" --cache "$scratch/cache" --out "$2"; }
nowhere 2 "$scratch/folder"
says "^reburst: error: \"$scratch/folder\" is a folder, and --out names the lock's file here$"
hints "write --out $scratch/folder/tiny.lock"
nowhere 17 "$scratch/none/tiny.lock"
says "^reburst: error: cannot write the lock \"$scratch/none/tiny.lock\" in the folder \"$scratch/none\": No such file or directory$"
hints 'make the folder first, or name another file with --out'
nowhere 2 "$scratch/pipe"
says "^reburst: error: \"$scratch/pipe\" is not a file, and nothing else is replaced by a lock$"
hints 'name another file with --out'
[ ! -e "$scratch/cache" ] || fail "the cache was opened before --out was looked at"

step "a file where a folder must be"
no_folder() { # WHAT OPTION ARGUMENTS…: the option's folder
  expect 2 "$REBURST" "${@:3}"
  says "^reburst: error: \"$1\" is not a folder$"
  hints "name another folder with $2"
}
touch "$scratch/file"
for path in "$scratch/file" "$scratch/file/below/it"; do
  no_folder "$scratch/file" --cache resolve web --cache "$path"
  no_folder "$scratch/file" --keys key create --keys "$path"
  no_folder "$scratch/file" --keys key create --keys "$path" --offline "$scratch/away"
  no_folder "$scratch/file" --offline key create --keys "$scratch/new-keys" --offline "$path"
  expect 8 "$REBURST" key list --keys "$path"
  hints 'name a folder that "reburst key create" made with --keys'
  expect 8 "$REBURST" list --root "$SOURCE/README.md" --registry "$path"
  says "^reburst: error: there is no registry at \"$path\"$"
  hints 'name its folder or its address with --registry'
done
no_folder /dev/null --cache resolve web --cache /dev/null
expect 0 "$REBURST" key create --keys "$scratch/new-keys"
no_folder "$scratch/file" --registry registry check --keys "$scratch/new-keys" --registry "$scratch/file"

step "a release that is not there: the command that builds it"
expect 8 in_locked test nosuch --out 'else where'
hints "build it first: './my reburst' build nosuch --out 'else where'"
expect 8 in_locked test ./nosuch
hints 'name a role, the file of a recipe, or the folder that a build printed as its last line'

step "lock diff"
sed 's/"version":"2.0"/"version":"2.1"/; s/1970-01-01T00:00:00Z/1970-01-02T00:00:00Z/' "$scratch/locked/tiny.lock" >"$scratch/new.lock"
expect 0 "$REBURST" lock diff "$scratch/locked/tiny.lock" "$scratch/new.lock" --quiet
printf 'epoch: 1970-01-01T00:00:00Z -> 1970-01-02T00:00:00Z\nlib: 2.0 -> 2.1\n' | diff - "$scratch/out"
expect 0 "$REBURST" lock diff "$scratch/new.lock" "$scratch/new.lock"
[ ! -s "$scratch/out" ] || fail "equal locks differ"
expect 8 "$REBURST" lock diff "$scratch/no-old.lock" "$scratch/no-new.lock"
says 'no-old.lock'

step "recipes"
expect 0 "$REBURST" recipe check web base
says '^web: valid'
expect 0 "$REBURST" recipe show web
says 'base.yaml'
expect 0 "$REBURST" recipe schema
says '"\$schema"'

