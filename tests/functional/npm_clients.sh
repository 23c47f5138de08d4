#!/usr/bin/env bash
# The stock clients that npm has, as tests/clients/package-lock.json pins them, into $WORK/clients: a fixture of the tests that
# ask them. Nothing is fetched when they are there already.
. "$(dirname "$0")/lib.sh"
clients=$WORK/clients

if cmp -s "$SOURCE/tests/clients/package-lock.json" "$clients/installed.json"; then
  step "the clients are there"
else
  step "npm ci"
  mkdir -p "$clients"
  rm -f "$clients/installed.json"
  cp "$SOURCE/tests/clients/package.json" "$SOURCE/tests/clients/package-lock.json" "$SOURCE/tests/clients/.npmrc" "$clients/"
  # The clients want Node 20; an older machine gets one from npm, too.
  omit=()
  [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ] || omit=(--omit=optional)
  (cd "$clients" && expect 0 npm ci --ignore-scripts --no-audit --no-fund "${omit[@]}")
  cp "$SOURCE/tests/clients/package-lock.json" "$clients/installed.json"
fi
! grep -nE '"resolved"|://' "$SOURCE/tests/clients/package-lock.json" || fail "the lock names a registry's host"
step "$("$(npm_node)" --version), $(ls "$clients/node_modules" | wc -l) packages or scopes"
