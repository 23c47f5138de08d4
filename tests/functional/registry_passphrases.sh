#!/usr/bin/env bash
# A registry whose keys, all of them, are encrypted: they sign with the passphrase from a descriptor or from a systemd credential, and
# without the right one nothing is published and nothing changes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_small_releases 48
cd "$scratch"
first=$releases/out/shop/$one
second=$releases/out/shop/$two
secret=' a long passphrase, with spaces ' # each of them counts
mkdir right wrong empty none
printf '%s\n' "$secret" >right/reburst.passphrase
printf 'another\n' >wrong/reburst.passphrase
: >empty/reburst.passphrase

# signs STATUS CREDENTIALS COMMAND…: without a terminal, descriptor 3 as the caller has it; nobody is ever told the passphrase.
signs() {
  expect "$1" env CREDENTIALS_DIRECTORY="${2:+$scratch/$2}" setsid -w "$REBURST" "${@:3}"
  if grep -qF "$secret" "$scratch/out" "$scratch/err"; then fail "the passphrase is shown"; fi
}
# Every name, link and byte of the registry, the keys and the proposal, but for locks.
all_of_it() { find registry keys offline proposal ! -name .lock -printf '%p %l\n' | LC_ALL=C sort; find registry keys offline proposal -type f -exec sha256sum {} + | LC_ALL=C sort; }
unchanged() { # COMMAND…: with the status and words that are demanded of it, and nothing is another one after it
  all_of_it >before
  "$@"
  all_of_it | diff before - || fail "${*:4} changed something"
}

step "keys of every role, encrypted when they are made"
signs 0 '' key create --keys keys --offline offline --encrypt --passphrase-fd 3 3<right/reburst.passphrase
for role in snapshot timestamp channel; do
  signs 0 '' key create keys/$role-2.pem --encrypt --passphrase-fd 3 3<right/reburst.passphrase
  signs 0 '' key add $role keys/$role-2.pub --keys keys
  plain=$role
  [ $role != channel ] || plain=release
  signs 0 '' key remove $role $plain.pem --keys keys
  rm keys/$plain.pem
done
[ "$(find keys offline -name '*.pem' | wc -l)" -eq 5 ]
for key in $(find keys offline -name '*.pem'); do
  [ "$(head -n 1 "$key")" = "-----BEGIN ENCRYPTED PRIVATE KEY-----" ] || fail "$key is plain"
  [ "$(stat -c %a "$key")" = 600 ] || fail "others may read $key"
done
mkdir with-credential
signs 0 right key create with-credential/one.pem --encrypt
head -n 1 with-credential/one.pem | grep -qx -- '-----BEGIN ENCRYPTED PRIVATE KEY-----'
signs 2 empty key create with-credential/two.pem --encrypt
says 'the passphrase of ".*two.pem" is empty, and would protect nothing'
[ ! -e with-credential/two.pem ] || fail "a key was made"
openssl pkey -in with-credential/one.pem -passin "pass:$secret" -noout || fail "it is encrypted with another passphrase"
if openssl pkey -in with-credential/one.pem -passin pass:another -noout 2>/dev/null; then fail "any passphrase opens it"; fi

step "the first publication, by those who know the passphrase"
signs 0 '' publish "$first" --keys keys --registry registry --propose proposal --passphrase-fd 3 3<right/reburst.passphrase
unchanged signs 2 '' approve proposal --keys offline --passphrase-fd 3 3<wrong/reburst.passphrase
says 'the passphrase of the private key ".*\.pem" is wrong'
unchanged signs 2 '' approve proposal --keys offline --passphrase-fd 3 3</dev/null
says 'the passphrase of the private key ".*\.pem" is wrong'
unchanged signs 2 wrong approve proposal --keys offline
unchanged signs 2 empty approve proposal --keys offline
unchanged signs 2 none approve proposal --keys offline
says 'wants a passphrase, and there is no terminal to ask'
signs 0 right approve proposal --keys offline
signs 0 right approve proposal --keys keys --publish
cp keys/root.json root.json

step "a wrong passphrase, an empty one, and none: nothing is signed by any verb"
for verb in "publish $second" "promote shop $one --to stable --reason x" "yank shop $one --reason x" "registry refresh --all"; do
  # shellcheck disable=SC2086  # words
  {
    unchanged signs 2 '' $verb --keys keys --passphrase-fd 3 3<wrong/reburst.passphrase
    says 'the passphrase of the private key ".*-2\.pem" is wrong'
    unchanged signs 2 '' $verb --keys keys
    says '" wants a passphrase, and there is no terminal to ask'
    says 'hint: give it with --passphrase-fd N, or as the systemd credential reburst.passphrase'
  }
done
for credentials in wrong empty; do
  unchanged signs 2 $credentials publish "$second" --keys keys
  says 'the passphrase of the private key ".*-2\.pem" is wrong'
done
unchanged signs 2 '' publish "$second" --keys keys --passphrase-fd 3 3</dev/null
says 'the passphrase of the private key ".*-2\.pem" is wrong'
unchanged signs 2 none publish "$second" --keys keys
says '" wants a passphrase, and there is no terminal to ask'
unchanged signs 17 '' publish "$second" --keys keys --passphrase-fd 9
says 'cannot read the passphrase from descriptor 9'
head -c 5000 /dev/zero | tr '\0' x >long
unchanged signs 2 '' publish "$second" --keys keys --passphrase-fd 3 3<long
says 'the passphrase from descriptor 3 is longer than 4096 bytes'

step "the right one, from a descriptor and from a credential; the descriptor is asked first"
signs 0 '' publish "$second" --keys keys --passphrase-fd 3 3<right/reburst.passphrase
signs 0 right promote shop $one --to dev --reason back --keys keys
signs 0 wrong promote shop $two --to dev --reason forth --keys keys --passphrase-fd 3 3<right/reburst.passphrase
unchanged signs 2 right promote shop $one --to dev --reason back --keys keys --passphrase-fd 3 3<wrong/reburst.passphrase
signs 0 '' registry refresh --all --keys keys --passphrase-fd 3 3< <(printf '%s' "$secret") # a pipe, and no line end
expect 0 "$REBURST" pull shop@dev --registry registry --root root.json --out pulled --cache cache
cmp "$second"/*.raw pulled/*.raw
expect 0 "$REBURST" registry check --registry registry --cache cache

step "what only reads wants no passphrase"
for verb in "registry check" "list" "history shop" "key list"; do
  # shellcheck disable=SC2086  # words
  unchanged signs 0 '' $verb --keys keys
done
