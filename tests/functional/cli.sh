#!/usr/bin/env bash
# The person at the terminal: help, version, manual page, completion, exit statuses.
. "$(dirname "$0")/lib.sh"

step "version"
expect 0 "$REBURST" --version
says '^reburst [0-9]+\.[0-9]+\.[0-9]+$'

step "every verb explains itself, with examples"
verbs=("build" "test" "resolve" "why" "lock" "lock diff" "recipe check" "recipe show" "recipe schema" "completion" "man")
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
sed -e 's/.\x08//g' -e 's/\x1b\[[0-9;]*m//g' "$scratch/out" | grep -q 'EXIT STATUS' || fail "the page does not format"

step "completion works in bash"
expect 0 "$REBURST" completion bash
cp "$scratch/out" "$scratch/completion.bash"
completed() { # WORDS… → what the last word completes to
  bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _reburst; printf "%s\n" "${COMPREPLY[@]}"' - "$scratch/completion.bash" "$@"
}
completed reburst bu | grep -qx build || fail "bu does not complete to build"
completed reburst recipe s | grep -qx schema || fail "recipe s does not complete to schema"
completed reburst build web --off | grep -qx -- --offline || fail "build --off does not complete to --offline"
for shell in zsh fish; do expect 0 "$REBURST" completion $shell; [ -s "$scratch/out" ] || fail "$shell has no completion"; done

step "exit statuses"
expect 2 "$REBURST"
expect 2 "$REBURST" burn web
expect 2 "$REBURST" build
expect 2 "$REBURST" build web --no-such-option
expect 2 "$REBURST" build web --jobs 0
expect 8 "$REBURST" recipe show no-such-role
says 'no-such-role'
printf 'recipe: 1\nrole: bad\npackges: {}\n' >"$scratch/bad.yaml"
expect 3 "$REBURST" recipe check "$scratch/bad.yaml"
says "bad.yaml:3:1"
says "hint: .*packages"

step "errors as JSON"
expect 3 "$REBURST" recipe check --json "$scratch/bad.yaml"
says '^\{"error":\{"code":"recipe",.*"status":3\}\}$'

step "recipes"
expect 0 "$REBURST" recipe check web base
says '^web: valid'
expect 0 "$REBURST" recipe show web
says 'base.yaml'
expect 0 "$REBURST" recipe schema
says '"\$schema"'

step "nothing is coloured off a terminal"
expect 0 "$REBURST" --help
if grep -q $'\033' "$scratch/out"; then fail "escape sequences in a file"; fi
