#!/usr/bin/env bash
# What the world can do to a build: each a clear error, its own exit status, nothing half-written, the cache intact.
. "$(dirname "$0")/lib.sh"
folder=$(web_release)

# A cache of its own, so that no other test's work is seen in it: the shared one's files by hard links.
cache=$WORK/bad_input.cache
rm -rf "$cache"
mkdir "$cache" "$cache/tmp"
cp -al "$WORK/cache/blobs" "$WORK/cache/derived" "$cache/"
trap 'rm -rf "$cache"; cleanup' EXIT
reburst() { "$REBURST" "$@" --cache "$cache"; }

# work [CACHE]: what builds have under way in the cache; the names are those of cache::Cache::make_temp(), OWNER.build-XXXXXX.
work() { find "${1:-$cache}/tmp" -mindepth 1 -maxdepth 1 -name '*.build-*'; }

# No out/ may appear, not even an empty one, and the cache must hold no work in progress.
nothing_left() { # [CACHE]
  [ ! -e "$scratch/out-folder" ] || fail "half-written: $(find "$scratch/out-folder")"
  [ -z "$(work "$@")" ] || fail "work left in the cache: $(work "$@")"
}

# begin_build: starts one as $child, and returns when its tree is being made, so that work() is seen to find what it looks for.
begin_build() {
  "$REBURST" build web --lock "$folder/web.lock" --out "$scratch/out-folder" --cache "$cache" --offline >"$scratch/out" 2>"$scratch/err" &
  child=$!
  for _ in $(seq 600); do
    kill -0 $child 2>/dev/null || { cat "$scratch/err" >&2; fail "the build ended before its work was seen"; }
    local begun
    begun=$(work)
    [ -z "$begun" ] || [ ! -d "$begun/tree/root/usr" ] || return 0
    sleep 0.1
  done
  fail "a build runs, and there is no work of it in the cache: $(ls "$cache/tmp")"
}
build() { reburst build "$1" --out "$scratch/out-folder" --offline; }
recipe() { # NAME TEXT
  printf 'recipe: 1\nrole: %s\nfrom: web\n%b' "$1" "$2" >"$scratch/$1.yaml"
}

step "interruption: 130, nothing left, and the next build works"
for signal in INT TERM; do
  begin_build
  kill -$signal $child
  got=0
  wait $child || got=$?
  [ $got -eq 130 ] || { cat "$scratch/err"; fail "status $got after SIG$signal"; }
  says 'interrupted'
  nothing_left
done

step "kill -9: the next start sweeps what was left"
begin_build
kill -KILL $child
wait $child || true
sleep 1  # the kernel ends its children, one after the other
[ -n "$(work)" ] || fail "kill -9 left nothing: what does the next start sweep?"
expect 0 reburst build web --lock "$folder/web.lock" --out "$scratch/out-folder" --offline
diff "$folder/SHA256SUMS" "$scratch/out-folder/web/"*/SHA256SUMS
rm -rf "$scratch/out-folder"
nothing_left

step "a run: command that fails, its output shown"
recipe runs 'run: ["echo the reason >&2; exit 7"]\n'
expect 12 build "$scratch/runs.yaml"
says 'the reason'
says 'status 7'
nothing_left

step "a maintainer script that fails, with its package's name"
mkdir -p "$scratch/deb/DEBIAN"
printf 'Package: angry\nVersion: 1\nArchitecture: all\nMaintainer: Somebody <somebody@example.org>\nDescription: fails\n' >"$scratch/deb/DEBIAN/control"
printf '#!/bin/sh\necho I will not be configured\nexit 3\n' >"$scratch/deb/DEBIAN/postinst"
chmod 755 "$scratch/deb/DEBIAN/postinst"
dpkg-deb --root-owner-group --build "$scratch/deb" "$scratch/angry_1_all.deb" >/dev/null
recipe scripts 'packages: {install: [angry], local: [angry_1_all.deb]}\n'
expect 12 build "$scratch/scripts.yaml"
says 'angry'
says 'I will not be configured'
nothing_left

step "a package that is cut short"
head -c 300 "$scratch/angry_1_all.deb" >"$scratch/short_1_all.deb"
recipe short 'packages: {install: [angry], local: [short_1_all.deb]}\n'
expect 11 build "$scratch/short.yaml"
says 'short_1_all.deb'
nothing_left

step "a package with a path that leads out"
mkdir -p "$scratch/evil/x" && (cd "$scratch/evil/x" && echo bad >f)
(cd "$scratch/evil" && tar --create --file data.tar --transform 's#^x/f#../../../../escaped#' -P x/f && xz -f data.tar)
printf 'Package: angry\nVersion: 1\nArchitecture: all\nMaintainer: Somebody <somebody@example.org>\nDescription: escapes\n' >"$scratch/evil/control"
(cd "$scratch/evil" && tar -cJf control.tar.xz ./control && echo 2.0 >debian-binary && rm -f ../evil_1_all.deb &&
 ar rc ../evil_1_all.deb debian-binary control.tar.xz data.tar.xz)
recipe escape 'packages: {install: [angry], local: [evil_1_all.deb]}\n'
expect 11 build "$scratch/escape.yaml"
says 'escaped'
nothing_left

step "a lock of another recipe; the command that the hint names renews it"
printf 'recipe: 1\nrole: web\nfrom: web\nrun: ["true"]\n' >"$scratch/locked.yaml"
cp "$folder/web.lock" "$scratch/my.lock"
in_scratch() { (cd "$scratch" && REBURST_PROGRAM=$REBURST REBURST_CACHE=$cache "$@"); }
expect 10 in_scratch "$REBURST" build ./locked.yaml --lock my.lock --out out-folder
nothing_left
renew=$(sed -n 's/^  hint: run "\(.*\)" to renew it$/\1/p' "$scratch/err")
[ -n "$renew" ] || fail "the hint names no command"
expect 0 in_scratch bash -c "$renew"
expect 0 in_scratch "$REBURST" build ./locked.yaml --lock my.lock --out out-folder
rm -rf "$scratch/out-folder"

step "a lock of another role, which is not to be renewed: it is that role's"
recipe other 'run: ["true"]\n'
cp "$folder/web.lock" "$scratch/my.lock"
expect 10 in_scratch "$REBURST" build ./other.yaml --lock my.lock --out out-folder
says 'was made for another role'
says '^  hint: name a lock of "other"$'
nothing_left

step "a lock that lost an Essential package"
for package in dash base-files; do
  sed -E "s/\{[^{}]*\"name\":\"$package\"[^{}]*\},//" "$folder/web.lock" >"$scratch/my.lock"
  ! cmp -s "$folder/web.lock" "$scratch/my.lock" || fail "$package is still in the lock"
  expect 10 in_scratch "$REBURST" build web --lock my.lock --out out-folder --offline
  says "^reburst: error: the lock of \"web\" has no package \"$package\", which is Essential in the indexes it was made from$"
  says '^  hint: run ".* lock web --out my.lock" to renew it$'
  nothing_left
done

step "no network"
cat >"$scratch/nowhere.yaml" <<'R'
recipe: 1
role: nowhere
sources: [{uri: "http://127.0.0.1:9/debian", suites: [bookworm], components: [main], keyring: ring.gpg}]
R
cp /usr/share/keyrings/debian-archive-keyring.gpg "$scratch/ring.gpg"
expect 7 reburst build "$scratch/nowhere.yaml" --out "$scratch/out-folder"
says '127.0.0.1:9'
nothing_left

step "offline, and an empty cache"
expect 8 "$REBURST" build web --offline --cache "$scratch/empty" --out "$scratch/out-folder"
says 'offline'

step "a file that no image keeps is an error, not a silent loss"
recipe lost 'files: [{path: /tmp/lost, content: x}]\n'
expect 3 build "$scratch/lost.yaml"
says '"/tmp/lost", but in the image it is not there'
recipe bits 'files: [{path: /usr/local/bin/x, content: x, mode: "4755"}]\n'
expect 3 build "$scratch/bits.yaml"
says 'has another mode'
nothing_left

step "a control that lacks a file the recipe excludes says so"
recipe unlocked 'image: {exclude: [/etc/shadow]}\n'
expect 15 build "$scratch/unlocked.yaml"
says 'locked-root: the image has no file /etc/shadow'
nothing_left

step "an --out that cannot be written is told before the work, not after it"
expect 17 reburst build web --lock "$folder/web.lock" --offline --out /proc/nowhere
says 'hint: name another folder with --out'
nothing_left

# Two file systems are needed: /dev/shm is one of its own on every Linux that mounts it at all.
if [ "$(stat -c %d /dev/shm)" != "$(stat -c %d "$cache")" ]; then
  step "the result on another file system than the cache; what a killed build left there goes"
  other=$(mktemp -d /dev/shm/reburst-bad_input.XXXXXX)
  trap 'rm -rf "$other" "$cache"; cleanup' EXIT
  mkdir -p "$other/web/.reburst-incoming-abcdef/release"
  echo half >"$other/web/.reburst-incoming-abcdef/release/half.raw"
  expect 0 reburst build web --lock "$folder/web.lock" --offline --out "$other"
  diff "$folder/SHA256SUMS" "$other/web/"*/SHA256SUMS
  [ ! -e "$other/web/.reburst-incoming-abcdef" ] || fail "what the killed build left is still there"
  rm -rf "$other"
  trap 'rm -rf "$cache"; cleanup' EXIT
  nothing_left
fi

if [ "$(id -u)" -eq 0 ]; then
  step "no space"
  mkdir "$scratch/small"
  mount -t tmpfs -o size=300m none "$scratch/small"
  trap 'umount "$scratch/small"; rm -rf "$cache"; cleanup' EXIT
  mkdir -p "$scratch/small/cache" && cp -r "$WORK/cache/blobs" "$scratch/small/cache/" 2>/dev/null || true
  expect 13 "$REBURST" build web --lock "$folder/web.lock" --out "$scratch/small/out" --cache "$scratch/small/cache"
  says 'free some space'
  [ ! -e "$scratch/small/out" ] || fail "half-written on a full disk: $(find "$scratch/small/out")"
  nothing_left "$scratch/small/cache"
fi
