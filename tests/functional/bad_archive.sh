#!/usr/bin/env bash
# What an archive can do to a build: each a clear error, its own exit status, nothing half-written, the cache intact. The
# archive is one of two packages, from which an image is built in a second; every case spoils one thing of it, in the place
# where the good one was, and once it is mended the cache gives the very image that it gives without the mishap.
. "$(dirname "$0")/lib.sh"
tiny() { python3 "$SOURCE/tests/support/archive/tiny_archive.py" "$@"; }
export GNUPGHOME=$scratch/gnupg
mirror=$scratch/mirror outside=$scratch/outside cache=$scratch/cache out=$scratch/out-folder
mkdir -m 700 "$GNUPGHOME"
mkdir -p "$mirror/pool" "$outside"
echo secret >"$outside/secret"

for key in archive other; do
  gpg --batch --quiet --passphrase '' --quick-generate-key "$key@example.org" ed25519 sign 0 2>/dev/null
done
gpg --batch --export archive@example.org >"$scratch/ring.gpg"
sign() { # [KEY]
  rm -f "$mirror/dists/tiny/InRelease"
  gpg --batch --quiet --local-user "${1:-archive}@example.org" --output "$mirror/dists/tiny/InRelease" --clear-sign "$mirror/dists/tiny/Release"
}
# list [FIELD=VALUE]…: what the pool holds is in the signed index.
list() { tiny index "$mirror" "$@" && sign; }

recipe() { # NAME URI [PACKAGES [MORE]]
  printf 'recipe: 1\nrole: tiny\nsources: [{uri: "%s", suites: [tiny], components: [main], keyring: ring.gpg}]\npackages: {install: [%s]}\n%s\n' \
    "$2" "${3:-victim}" "${4:-}" >"$scratch/$1.yaml"
}
reburst() { local verb=$1; shift; "$REBURST" "$verb" "$@" --cache "$cache"; }
build() { reburst build "$scratch/$1.yaml" --out "$out" --quiet "${@:2}"; }
lock() { reburst lock "$scratch/$1.yaml" --quiet "${@:2}"; }

tiny mini "$mirror/pool/mini_1_all.deb"
tiny deb good "$outside" "$mirror/pool/victim_1_all.deb"
list
cp -a "$mirror" "$scratch/good"
recipe tiny "file://$mirror"
victim=$mirror/pool/victim_1_all.deb
index=$(echo "$mirror"/dists/tiny/main/binary-*/Packages.xz)

mend() { rm -rf "$mirror" && cp -a "$scratch/good" "$mirror"; }
begin() { step "$@" && mend && rm -rf "$cache" && mkdir "$cache"; }

# Every blob is what its name says, every download that may be gone on with is the beginning of what it is to be, and no
# work is left.
cache_intact() {
  local bad partial name whole
  [ -d "$cache/blobs" ] || return 0 # refused before anything was put into it
  bad=$(cd "$cache/blobs" && find . -type f -exec sha256sum {} + | grep -vE '^((..).{62})  \./\2/\1$') && fail "not what its name says: $bad"
  bad=$(find "$cache/tmp" -mindepth 1 ! -name 'owner-*' | grep .) && fail "left in the cache: $bad"
  for partial in "$cache"/partial/*; do
    [ -e "$partial" ] || continue
    name=$(basename "$partial")
    whole=$(find "$scratch/good" -type f -exec sha256sum {} + | sed -n "s/^$name  //p")
    [ -n "$whole" ] && cmp -n "$(stat -c %s "$partial")" "$partial" "$whole" || fail "a bad beginning is kept: $partial"
  done
}
nothing_left() {
  [ ! -e "$out" ] || fail "half-written: $(find "$out")"
  [ -z "$(find "$scratch" -maxdepth 1 -name '*.lock*')" ] || fail "a lock was written"
  [ "$(ls -A "$outside")" = secret ] && [ ! -e /escaped ] && [ ! -e /etc/escaped ] || fail "something lies outside of the tree"
  cache_intact
}
# The same cache, once the archive is without fault: the same lock; or the same image, where packages were fetched.
works_again() { # [image]
  mend
  if [ -z "${1:-}" ]; then
    expect 0 lock tiny --out "$scratch/again"
    cmp "$scratch/reference.of-lock" "$scratch/again"
  else
    expect 0 build tiny
    diff "$scratch/reference" "$out"/tiny/*/SHA256SUMS || fail "another image"
    rm -rf "$out"
  fi
  cache_intact
}
# refuses STATUS COMMAND… <<TEXT: exactly this is said, but for what the machine's own apt is warned of.
refuses() {
  expect "$@"
  sed -E "/^warning: /d; s#file://$scratch#file:/#; s#$scratch#SCRATCH#; s#(\.\./)+\.\.SCRATCH#../..SCRATCH#; s#127.0.0.1:${port:-none}#SERVER#; s#[0-9a-f]{64}#DIGEST#; s#key [0-9A-F]{16}#key KEY#
    s#(the clock +)20.*#\1NOW#; s#(Failed to connect) .*#\1#; s#$(dpkg --print-architecture)#ARCH#g" "$scratch/err" >"$scratch/told"
  diff /dev/stdin "$scratch/told" || fail "something else is told (>)"
  nothing_left
}
# With the hints that several have.
mirror_hint='use another mirror; if all serve the same, tell whoever runs the archive'
step_hint='the mirror is out of step with its index, or was tampered with: try again later, or use another mirror'
package_hint='tell whoever made the package; until it is mended, take another version of it or exclude it'
inrelease='"file://mirror/dists/tiny/InRelease"'
archive_refused() { # STATUS TEXT HINT
  refuses "$1" build tiny <<T
reburst: error: $2
  while opening the archive for "tiny"
  hint: $3
T
  works_again
}
package_refused() { # RECIPE STATUS TEXT HINT
  refuses "$2" build "$1" <<T
reburst: error: $3
  hint: $4
T
  works_again image
}

step "an archive without fault"
mkdir "$cache"
expect 0 lock tiny --out "$scratch/reference.of-lock"
expect 0 build tiny
cp "$out"/tiny/*/SHA256SUMS "$scratch/reference"
rm -rf "$out"
cache_intact

begin "a key that the recipe does not name, whoever asks"
sign other
for verb in "resolve $scratch/tiny.yaml" "why $scratch/tiny.yaml mini" "lock $scratch/tiny.yaml" "build $scratch/tiny.yaml --out $out"; do
  # shellcheck disable=SC2086
  refuses 4 reburst $verb <<T
reburst: error: cannot verify $inrelease: no signature by a trusted key
  key KEY is not in the keyring
  while opening the archive for "tiny"
  hint: install the archive's current keyring (for Debian: debian-archive-keyring), or name the right one (Signed-By in apt's sources, keyring: in a recipe)
T
done
works_again

begin "an InRelease that was changed after it was signed"
sed -i 's/^Label: Tiny/Label: Tine/' "$mirror/dists/tiny/InRelease"
archive_refused 4 "cannot verify $inrelease: a signature is wrong: the content was changed after it was signed" "$mirror_hint"

begin "an InRelease that is cut short"
truncate -s -40 "$mirror/dists/tiny/InRelease"
archive_refused 4 "cannot verify $inrelease: its signature is missing or cut short" "$mirror_hint"

begin "an InRelease without a signature"
cp "$mirror/dists/tiny/Release" "$mirror/dists/tiny/InRelease"
archive_refused 4 "cannot verify $inrelease: it does not begin with a clear-signed message" "$mirror_hint"

begin "a Release file that nobody signed"
rm "$mirror/dists/tiny/InRelease"
archive_refused 4 "cannot verify ${inrelease/InRelease/Release}: the repository is not signed" \
  "only signed repositories are used: sign it (InRelease), or take another mirror"

begin "another suite under this one's name"
list Suite=huge Codename=large
archive_refused 4 "cannot accept $inrelease: it is signed, but for another suite
  expected tiny
  actual   huge (large)" "check the suite's name; if it is right, the mirror serves one suite under another's name: use another mirror"

begin "an archive past its Valid-Until"
list "Valid-Until=Fri, 02 Jan 2026 00:00:00 UTC"
archive_refused 5 "cannot accept $inrelease: it has expired
  Valid-Until 2026-01-02T00:00:00Z
  the clock   NOW" "the mirror is no longer updated: use another mirror, or set the machine's clock"

begin "an archive from the future"
list "Date=Fri, 02 Jan 2099 00:00:00 UTC"
archive_refused 5 "cannot accept $inrelease: it comes from the future
  its Date  2099-01-02T00:00:00Z
  the clock NOW" "set the machine's clock"

begin "a signed Release file without digests"
printf 'Suite: tiny\nDate: Fri, 02 Jan 2026 00:00:00 UTC\n' >"$mirror/dists/tiny/Release"
sign
archive_refused 6 "cannot use $inrelease: it has no SHA256 section" \
  "the repository is not made as Debian's are: tell whoever runs it, or use another mirror"

begin "a suite that is not there"
rm -r "$mirror/dists"
archive_refused 8 'cannot open "SCRATCH/mirror/dists/tiny/InRelease": No such file or directory' "check the mirror's address and the suite"

size=$(stat -c %s "$index")
wrong_index() { # WHAT EXPECTED ACTUAL
  archive_refused 6 "cannot accept \"file://mirror/dists/tiny/main/binary-ARCH/Packages.xz\": wrong $1
  expected $2
  actual   $3
  while fetching \"tiny/main/binary-ARCH/Packages.xz\"" "$step_hint"
}
begin "an index that is cut short"
truncate -s -100 "$index"
wrong_index size "$size bytes" "$((size - 100)) bytes"

begin "an index that is too long"
echo more >>"$index"
wrong_index size "$size bytes" "$((size + 5)) bytes"

begin "an index of another content"
printf x | dd of="$index" bs=1 seek=80 conv=notrunc status=none
wrong_index SHA-256 DIGEST DIGEST

broken_index() { # TEXT HINT
  sign
  refuses 6 build tiny <<T
reburst: error: $1
  hint: $2
T
  works_again
}
index_hint="tell the archive's maintainer, or exclude the package"
begin "a signed index that is none"
tiny pack "$mirror" "Package: mini, and no more
"
broken_index 'a package has no name or no version: "Package: mini, and no more"
  while reading the index "Tiny/tiny/main/ARCH"' "tell the archive's maintainer, or use another archive"

begin "a signed index with a path that leads out"
tiny pack "$mirror" "$(sed 's#pool/victim#../outside/victim#' "${index%.xz}")"
broken_index 'cannot use the package "victim" (1) of the index "Tiny/tiny/main/ARCH": its Filename "../outside/victim_1_all.deb" leads out of the mirror' "$index_hint"

begin "a signed index without a digest"
tiny pack "$mirror" "$(sed '/^SHA256/d' "${index%.xz}")"
broken_index 'cannot use the package "victim" (1) of the index "Tiny/tiny/main/ARCH": it has no Filename, Size or SHA256' "$index_hint"

size=$(stat -c %s "$victim")
wrong_package() { # RECIPE ADDRESS WHAT EXPECTED ACTUAL
  package_refused "$1" 6 "cannot accept \"$2/pool/victim_1_all.deb\": wrong $3
  expected $4
  actual   $5
  while fetching \"victim 1\"" "$step_hint"
}
begin "a package that is cut short"
truncate -s -100 "$victim"
wrong_package tiny file://mirror size "$size bytes" "$((size - 100)) bytes"

begin "a package that is too long"
echo more >>"$victim"
wrong_package tiny file://mirror size "$size bytes" "$((size + 5)) bytes"

begin "a package of another content"
printf x | dd of="$victim" bs=1 seek=300 conv=notrunc status=none
wrong_package tiny file://mirror SHA-256 DIGEST DIGEST

begin "a package that the mirror lacks"
rm "$victim"
package_refused tiny 8 'cannot fetch "file://mirror/pool/victim_1_all.deb": there is no such file
  while fetching "victim 1"' "check the mirror's address"

# From here on the index says what the pool holds: nothing but the package itself is wrong.
hostile() { # KIND TEXT
  begin "a package as its index has it: $1"
  tiny deb "$1" "$outside" "$victim"
  list
  package_refused tiny 11 "$2" "$package_hint"
}
hostile cut 'cannot unpack "victim 1": it is cut short: "data.tar.gz" does not end'
hostile cut-inside 'cannot unpack "victim 1": "data.tar.gz" is damaged: truncated gzip input'
hostile no-package 'cannot unpack "victim 1": it is not a Debian package'
hostile other-name 'the package "victim 1" is not the one that the lock names: name
  expected victim
  actual   stranger'
hostile absolute 'cannot unpack "victim 1": the name "/etc/escaped" leads out of the tree'
hostile dotdot 'cannot unpack "victim 1": the name "./etc/../../../../escaped" leads out of the tree'
hostile link 'cannot unpack "victim 1": "/etc/out/escaped" lies below a link or a file of the same package'
hostile absolute-link 'cannot unpack "victim 1": "/etc/out/escaped" lies below a link or a file of the same package'
hostile hard-link 'cannot unpack "victim 1": the target "../..SCRATCH/outside/secret" of the hard link "./etc/escaped" leads out of the tree'
hostile huge-file 'cannot unpack "victim 1": "./etc/huge" is of absurd size'
hostile huge-member 'cannot unpack "victim 1": it is cut short: "data.tar.gz" does not end'
hostile huge-control 'cannot unpack "victim 1": its control archive is of absurd size'

begin "a link that leads out, and another package's file through it"
tiny deb link-alone "$outside" "$victim"
tiny deb below-link "$outside" "$mirror/pool/zealot_1_all.deb"
list
recipe zealot "file://$mirror" "victim, zealot"
package_refused zealot 11 'package "zealot" has the folder "/etc/out", which is a link to nothing in the tree
  while unpacking zealot' "$package_hint"

begin "a link that leads out, and the recipe's own file through it"
tiny deb link-alone "$outside" "$victim"
list
recipe file "file://$mirror" victim 'files: [{path: /etc/out/escaped, content: x}]'
package_refused file 3 'cannot add the file "/etc/out/escaped": in the image "/etc/out" is a link to nothing' \
  'put the file elsewhere, or exclude the package that brings "/etc/out"'

# From here on by HTTP, from a server that does what it should not.
python3 "$SOURCE/tests/support/http/hostile_server.py" "$scratch" "$scratch/log" >"$scratch/port" 2>"$scratch/server.log" &
server=$!
stop_server() { [ -z "$server" ] || { kill "$server" && wait "$server" || true; } 2>/dev/null; server=; }
trap 'stop_server; cleanup' EXIT
for _ in $(seq 100); do
  port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$scratch/port")
  [ -z "$port" ] || break
  sleep 0.1
done
# by_http KIND~PART: begins with the recipe "http", whose mirror does so with the files that have PART in their path.
by_http() {
  begin "by http: $1"
  address=http://SERVER/$1/mirror
  recipe http "http://127.0.0.1:$port/$1/mirror"
}
http_index_refused() { # STATUS TEXT HINT
  refuses "$1" build http <<T
reburst: error: $2
  while opening the archive for "tiny"
  hint: $3
T
  works_again
}
by_http endless~InRelease
http_index_refused 6 "cannot accept \"$address/dists/tiny/InRelease\": it is larger than 33554432 bytes" \
  "the address serves something else: check it, or use another mirror"
packages=dists/tiny/main/binary-ARCH/Packages.xz
fetching='while fetching "tiny/main/binary-ARCH/Packages.xz"'
whole=$(stat -c %s "$index")
by_http short~Packages
http_index_refused 6 "cannot accept \"$address/$packages\": wrong size
  expected $whole bytes
  actual   $((whole / 2)) bytes
  $fetching" "$step_hint"
by_http boundless~Packages
http_index_refused 6 "cannot accept \"$address/$packages\": wrong size
  expected $whole bytes
  actual   more
  $fetching" "$step_hint"
by_http truncate~Packages
http_index_refused 7 "cannot fetch \"$address/$packages\": transfer closed with $(((whole + 1) / 2)) bytes remaining to read
  $fetching" "check the network, the mirror's address and the proxy"
by_http short~victim
wrong_package http "$address" size "$size bytes" "$((size / 2)) bytes"
by_http endless~victim
wrong_package http "$address" size "$size bytes" more
by_http forbidden~victim
package_refused http 7 "cannot fetch \"$address/pool/victim_1_all.deb\": HTTP status 403
  while fetching \"victim 1\"" "the mirror does not serve it to this machine: use another mirror"
by_http local~victim
package_refused http 7 "cannot fetch \"$address/pool/victim_1_all.deb\": Protocol \"file\" not supported or disabled in libcurl
  while fetching \"victim 1\"" "the mirror redirects to an address that is not followed: use another mirror"
by_http plain~
rm "$victim"
package_refused http 8 "cannot fetch \"$address/pool/victim_1_all.deb\": HTTP status 404
  while fetching \"victim 1\"" "the mirror does not have it: check the address and the suite, or use another mirror"

# interrupted SIGNAL PART VERB…: while one byte a second of the file comes.
interrupted() {
  by_http "drip~$2"
  : >"$scratch/log"
  "$REBURST" "${@:3}" --cache "$cache" >"$scratch/out" 2>"$scratch/err" &
  local child=$! got=0
  for _ in $(seq 300); do
    ! grep -q "^drip~$2 .*$2" "$scratch/log" || break
    kill -0 $child 2>/dev/null || { cat "$scratch/err" >&2; fail "it ended before it was interrupted"; }
    sleep 0.1
  done
  sleep 0.3
  kill "-$1" $child
  wait $child || got=$?
  [ $got -eq 130 ] || { cat "$scratch/err" >&2; fail "status $got after SIG$1"; }
  says '^reburst: interrupted; nothing was left behind$'
  nothing_left
  works_again image
}
interrupted INT InRelease resolve "$scratch/http.yaml"
interrupted TERM Packages lock "$scratch/http.yaml"
interrupted INT victim build "$scratch/http.yaml" --out "$out"
interrupted TERM victim build "$scratch/http.yaml" --out "$out"

by_http plain~
step "the network goes after the lock was made: what is not in the cache is missed"
expect 0 lock http --out "$scratch/kept"
stop_server
refuses 7 build http --lock "$scratch/kept" <<T
reburst: error: cannot fetch "$address/dists/tiny/InRelease": Failed to connect
  while opening the archive for "tiny"
  hint: check the network, the mirror's address and the proxy
T
refuses 8 build http --lock "$scratch/kept" --offline <<T
reburst: error: 2 of 2 files are not in the cache, and --offline forbids fetching them
  mini 1
  victim 1
  hint: run the same command once without --offline
T
works_again image
