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

tiny mini "$mirror/pool/mini_1_all.deb"
tiny deb good "$outside" "$mirror/pool/victim_1_all.deb"
list
cp -a "$mirror" "$scratch/good"
recipe tiny "file://$mirror"
victim=$mirror/pool/victim_1_all.deb
index=$(echo "$mirror"/dists/tiny/main/binary-*/Packages.xz)

mend() { rm -rf "$mirror" && cp -a "$scratch/good" "$mirror"; }
begin() { step "$@" && mend && rm -rf "$cache"; }

# Every blob is what its name says, of what is fetched nothing is kept but what may be gone on with, and no work is left.
cache_intact() { # [KEEPS-PARTIAL]
  local bad left
  bad=$(cd "$cache/blobs" && find . -type f -exec sha256sum {} + | sed -E 's#^([0-9a-f]{64})  \./(..)/\1$#\2 \1#' | grep -vE '^(..) \1[0-9a-f]{62}$') && fail "not what its name says: $bad"
  left=$(find "$cache/tmp" -mindepth 1 ! -name 'owner-*'; [ -n "${1:-}" ] || find "$cache/partial" -type f)
  [ -z "$left" ] || fail "left in the cache: $left"
}
nothing_left() {
  [ ! -e "$out" ] || fail "half-written: $(find "$out")"
  [ ! -e "$scratch/tiny.lock" ] || fail "a lock was written"
  [ "$(ls -A "$outside")" = secret ] && [ ! -e /escaped ] && [ ! -e /etc/escaped ] || fail "something was written outside of the tree"
  [ -z "$(find "$scratch" -maxdepth 1 -name '*.lock*')" ] || fail "half a lock was written"
  cache_intact "$@"
}
# The same cache, and an archive without fault.
works_again() {
  mend
  expect 0 build tiny
  diff "$scratch/reference" "$out"/tiny/*/SHA256SUMS || fail "another image"
  cache_intact
  rm -rf "$out"
}
# refused STATUS COMMAND…: what it says is left to says().
refused() { expect "$@" && nothing_left; }
# Whoever asks the archive anything gets the same answer.
archive_refused() { # STATUS PATTERN…
  local verb
  for verb in "resolve $scratch/tiny.yaml" "lock $scratch/tiny.yaml" "build $scratch/tiny.yaml --out $out"; do
    # shellcheck disable=SC2086
    refused "$1" reburst $verb
    for pattern in "${@:2}"; do says "$pattern"; done
  done
  works_again
}
package_refused() { # RECIPE STATUS PATTERN…
  refused "$2" build "$1"
  for pattern in "${@:3}"; do says "$pattern"; done
  works_again
}
inrelease="\"file://$mirror/dists/tiny/InRelease\""

step "an archive without fault"
expect 0 build tiny
cp "$out"/tiny/*/SHA256SUMS "$scratch/reference"
rm -rf "$out"
cache_intact


begin "a key that the recipe does not name"
sign other
archive_refused 4 "XX"

begin "an InRelease that was changed after it was signed"
sed -i 's/^Suite: tiny/Suite: tiNy/' "$mirror/dists/tiny/InRelease"
archive_refused 4 "XX"

begin "an InRelease that is cut short"
truncate -s -40 "$mirror/dists/tiny/InRelease"
archive_refused 4 "XX"

begin "an InRelease without a signature"
cp "$mirror/dists/tiny/Release" "$mirror/dists/tiny/InRelease"
archive_refused 4 "XX"

begin "a Release file that nobody signed"
rm "$mirror/dists/tiny/InRelease"
archive_refused 4 "XX"

begin "another suite under this one's name"
list Suite=huge Codename=huge
archive_refused 4 "XX"

begin "an archive past its Valid-Until"
list "Valid-Until=Fri, 02 Jan 2026 00:00:00 UTC"
archive_refused 5 "XX"

begin "an archive from the future"
list "Date=Fri, 02 Jan 2099 00:00:00 UTC"
archive_refused 5 "XX"

begin "a signed Release file without digests"
printf 'Suite: tiny\nDate: Fri, 02 Jan 2026 00:00:00 UTC\n' >"$mirror/dists/tiny/Release"
sign
archive_refused 6 "XX"

begin "a suite that is not there"
rm -r "$mirror/dists"
archive_refused 8 "XX"

begin "an index that is cut short"
truncate -s -100 "$index"
archive_refused 6 "XX"

begin "an index that is too long"
echo more >>"$index"
archive_refused 6 "XX"

begin "an index of another content"
printf x | dd of="$index" bs=1 seek=80 conv=notrunc status=none
archive_refused 6 "XX"

begin "a signed index that is none"
tiny index "$mirror" && tiny pack "$mirror" "Package: mini
this is no field
"
sign
archive_refused 6 "XX"

begin "a signed index with a path that leads out"
tiny pack "$mirror" "$(sed 's#pool/victim#../../../outside/victim#' "${index%.xz}")"
sign
archive_refused 6 "XX"

begin "a signed index without a digest"
tiny pack "$mirror" "$(sed '/^SHA256/d' "${index%.xz}")"
sign
archive_refused 6 "XX"

begin "a package that is cut short"
truncate -s -100 "$victim"
package_refused tiny 6 "XX"

begin "a package that is too long"
echo more >>"$victim"
package_refused tiny 6 "XX"

begin "a package of another content"
printf x | dd of="$victim" bs=1 seek=300 conv=notrunc status=none
package_refused tiny 6 "XX"

begin "a package that the mirror lacks"
rm "$victim"
package_refused tiny 8 "XX"

for kind in cut cut-inside no-package other-name absolute dotdot link absolute-link hard-link huge-file huge-member huge-control; do
  begin "a package as its index has it, hostile: $kind"
  tiny deb "$kind" "$outside" "$victim"
  list
  package_refused tiny 11 "XX"
done


begin "a link that leads out, and another package's file through it"
tiny deb link-alone "$outside" "$victim"
tiny deb below-link "$outside" "$mirror/pool/thief_1_all.deb"
list
recipe thief "file://$mirror" "victim, thief"
package_refused thief 11 "XX"

begin "a link that leads out, and the recipe's own file through it"
tiny deb link-alone "$outside" "$victim"
list
recipe file "file://$mirror" victim 'files: [{path: /etc/out/escaped, content: x}]'
package_refused file 11 "XX"

# From here on by HTTP, from a server that does what it should not: tests/support/http/hostile_server.py.
python3 "$SOURCE/tests/support/http/hostile_server.py" "$scratch" "$scratch/log" >"$scratch/port" &
server=$!
trap 'kill $server 2>/dev/null; cleanup' EXIT
for _ in $(seq 100); do
  port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$scratch/port")
  [ -z "$port" ] || break
  sleep 0.1
done
# by_http KIND~PART: the recipe of that name reads the mirror so.
by_http() { recipe "$1" "http://127.0.0.1:$port/$1/mirror"; }

for case in truncate~InRelease:4 endless~InRelease:6 error~InRelease:7 forbidden~InRelease:7 short~Packages:6 endless~Packages:6 boundless~Packages:6 truncate~Packages:7 local~Packages:7; do
  begin "by http: $case"
  by_http "${case%:*}"
  package_refused "${case%:*}" "${case#*:}" "XX"
done
for case in short~victim:6 boundless~victim:6 truncate~victim:7 error~victim:7 forbidden~victim:7 local~victim:7 shifted~victim:7; do
  begin "by http: $case"
  by_http "${case%:*}"
  package_refused "${case%:*}" "${case#*:}" "XX"
done

begin "by http: a package that the mirror lacks"
by_http plain~
rm "$victim"
package_refused plain~ 8 "XX"

begin "offline, package never fetched"
refused 0 reburst lock "$scratch/plain~.yaml" --out "$scratch/kept"
package_refused plain~ 8 "XX" --offline

begin "mirror gone"
refused 0 reburst lock "$scratch/plain~.yaml" --out "$scratch/kept"

for signal in INT TERM; do
  for part in InRelease Packages victim; do
    begin "SIG$signal while $part is under way"
    by_http "drip~$part"
    : >"$scratch/log"
    "$REBURST" build "$scratch/drip~$part.yaml" --out "$out" --cache "$cache" >"$scratch/out" 2>"$scratch/err" &
    child=$!
    for _ in $(seq 100); do
      grep -q "^drip~$part .*$part" "$scratch/log" && break
      sleep 0.1
    done
    sleep 0.5
    kill -$signal $child
    got=0
    wait $child || got=$?
    [ $got -eq 130 ] || { cat "$scratch/err"; fail "status $got after SIG$signal"; }
    says 'interrupted'
    ls -l $cache/partial
    nothing_left partial
    works_again
  done
done
