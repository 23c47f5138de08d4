#!/usr/bin/env bash
# The same recipe and lock give the same bytes: whatever user, folder, TZ, LC_ALL, umask, host name, environment, clock,
# --jobs and state of the cache.
. "$(dirname "$0")/lib.sh"
folder=$(web_release)
lock=$folder/web.lock

same() { # OUT
  local other
  other=$(find "$1/web" -mindepth 1 -maxdepth 1 -name '2*')
  diff "$folder/SHA256SUMS" "$other/SHA256SUMS" || fail "the bytes differ"
  (cd "$other" && sha256sum --quiet --strict --check SHA256SUMS)
}

step "another folder, zone, locale, umask, host name, environment, clock and one job; empty cache but for the packages"
mkdir -p "$scratch/cache" "$scratch/a folder/with ümlaut"
cp -r --reflink=auto "$WORK/cache/blobs" "$scratch/cache/"
varied=(env -i HOME=/nonexistent PATH="$PATH" TZ=Pacific/Kiritimati LC_ALL=C LANG=tr_TR.UTF-8 REBURST_RECIPES="$REBURST_RECIPES"
        SOURCE_DATE_EPOCH=1 DEB_BUILD_OPTIONS=nocheck PERL5LIB=/tmp
        faketime -f '+410d' "$REBURST" build web --lock "$lock" --cache "$scratch/cache" --out "$scratch/a folder/with ümlaut" --jobs 1 --offline)
if [ "$(id -u)" -eq 0 ]; then
  # What runs inside the image while it is made sees another day as well: the sandbox is given faketime's library.
  cp /usr/bin/bwrap "$scratch/bwrap.real"
  cat >"$scratch/bwrap" <<B
#!/bin/bash
arguments=()
for one in "\$@"; do
  if [ "\$one" = -- ] && [ -z "\${added:-}" ]; then
    arguments+=(--ro-bind "$(dirname "$(find /usr/lib -name libfaketime.so.1)")" /run/faketime
                --setenv LD_PRELOAD /run/faketime/libfaketime.so.1 --setenv FAKETIME +410d)
    added=yes
    echo wrapped >>"$scratch/wrapped"
  fi
  arguments+=("\$one")
done
exec "$scratch/bwrap.real" "\${arguments[@]}"
B
  chmod 755 "$scratch/bwrap"
  expect 0 unshare --uts --mount sh -c 'mount --bind "$1/bwrap" /usr/bin/bwrap; hostname elsewhere; umask 077; shift; exec "$@"' - "$scratch" "${varied[@]}"
  [ -s "$scratch/wrapped" ] || fail "nothing ran under the other clock"
else
  step "not root: left out are another host name, and another clock inside the image while it is made"
  expect 0 sh -c 'umask 077; exec "$@"' - "${varied[@]}"
fi
same "$scratch/a folder/with ümlaut"

step "builds that share a cache at the same time, one of which is killed"
[ "$(id -u)" -eq 0 ] || step "not root: left out is a build without any network that was not told --offline"
mkdir "$scratch/shared"
cp -r --reflink=auto "$WORK/cache/blobs" "$scratch/shared/"
declare -A running
# One of them without --offline, and no mirror there that has a package any more: what is locked and cached needs none.
for each in one other doomed; do
  how=("$REBURST") options=(--offline)
  if [ $each = other ] && [ "$(id -u)" -eq 0 ]; then how=(unshare --net "$REBURST") options=(); fi
  "${how[@]}" build web --lock "$lock" --cache "$scratch/shared" --out "$scratch/$each" "${options[@]}" --quiet >"$scratch/$each.said" 2>&1 &
  running[$each]=$!
done
for _ in $(seq 100); do
  [ "$(find "$scratch/shared" -maxdepth 2 -name '*.build-*' | wc -l)" -lt 3 ] || break
  sleep 0.1
done
pkill -9 -P "${running[doomed]}" || true # the worker, when there is one
kill -9 "${running[doomed]}"
for each in one other; do
  wait "${running[$each]}" || { cat "$scratch/$each.said"; fail "the build \"$each\" failed"; }
  same "$scratch/$each"
done

if [ "$(id -u)" -eq 0 ]; then
  step "an ordinary user, an empty cache"
  user=reburst-test-$$
  useradd --create-home --base-dir "$scratch" "$user"
  trap 'userdel "$user" 2>/dev/null; cleanup' EXIT
  chmod 755 "$scratch"
  # The program may lie where that user cannot go.
  install -m 755 "$REBURST" "$scratch/reburst"
  cp -r "$REBURST_RECIPES" "$scratch/recipes"
  cp "$lock" "$scratch/web.lock"
  chmod -R a+rX "$scratch/recipes" "$scratch/web.lock"
  expect 0 runuser -u "$user" -- env HOME="$scratch/$user" REBURST_RECIPES="$scratch/recipes" \
    "$scratch/reburst" build web --lock "$scratch/web.lock" --out "$scratch/$user/out" --cache "$scratch/$user/cache" --jobs 2
  same "$scratch/$user/out"
  [ "$(stat -c %U "$scratch/$user/out/web/"*/manifest.json)" = "$user" ] || fail "the result does not belong to the user"
else
  step "not root: left out is a build by a second user, whose cache is empty"
fi
