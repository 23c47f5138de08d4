#!/usr/bin/env bash
# The doors that need no program of ours: systemd-pull reads images/, casync reads chunks/; over HTTP, as they stand.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY # both tools would ask a proxy even for loopback

step "two published releases"
cd "$scratch"
tiny_release first $one 48
tiny_release second $two 48
expect 0 reburst publish first
expect 0 reburst publish second
old=first/tiny_$one.raw
new=second/tiny_$two.raw

# pull_raw KEYRING FOLDER URL: with KEYRING as the machine's, and nothing of the machine changed. Installs into FOLDER.
# systemd-pull 252 sometimes waits for ever for a small file that has come whole before the disk has: it gets three attempts.
pull_raw() {
  local attempt status
  for attempt in 1 2 3; do
    status=0
    pull_raw_once "$@" || status=$?
    [ $status -eq 124 ] || return $status
    echo "attempt $attempt hangs" >&2
  done
  return $status
}
pull_raw_once() {
  local new_namespace=(unshare --mount)
  [ "$(id -u)" -eq 0 ] || new_namespace=(unshare --mount --map-root-user)
  # shellcheck disable=SC2016 # the inner shell's own
  timeout 30 "${new_namespace[@]}" bash -euc '
    mount -t tmpfs none /etc/systemd
    cp "$1" /etc/systemd/import-pubring.gpg
    exec /lib/systemd/systemd-pull raw --verify=signature --image-root="$2" --sync=no --btrfs-subvol=no --btrfs-quota=no \
      --settings=no --roothash=no --roothash-signature=no --verity=no "$3" disk' - "$1" "$2" "$3"
}
installed() { [ -e "$scratch/machines/disk.raw" ]; }
mkdir machines

step "systemd-pull installs what the publisher's key signed"
serve "$registry"
for version in $one $two; do
  expect 0 pull_raw "$keys/openpgp.key.pub" "$scratch/machines" "$url/images/tiny/dev/tiny_$version.raw"
  says 'Signature verification succeeded'
  cmp "machines/disk.raw" "$([ $version = $one ] && echo $old || echo $new)"
  rm -rf machines && mkdir machines
done
stop_server

step "and refuses everything else"
# Not in $scratch: the path of the agent's socket must be shorter than 108 bytes, wherever TMPDIR is.
gpg_home=$(mktemp -d /tmp/reburst-gpg.XXXXXX)
gpg --homedir "$gpg_home" --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key stranger ed25519 sign never
gpg --homedir "$gpg_home" --batch --quiet --export >stranger.gpg
gpgconf --homedir "$gpg_home" --kill all
rm -rf "$gpg_home"
damaged() { # a copy of the folder that is served, to be changed
  stop_server
  rm -rf served && cp -rL "$registry/images/tiny/dev" served
  serve served
}
refuses() { # KEYRING PATTERN
  expect 1 pull_raw "$1" "$scratch/machines" "$url/tiny_$two.raw"
  says "$2"
  ! installed || fail "it was installed"
}
tampered="DOWNLOAD INVALID: Checksum of tiny_$two.raw file did not check out"
damaged
expect 0 pull_raw "$keys/openpgp.key.pub" "$scratch/machines" "$url/tiny_$two.raw"
rm -rf machines && mkdir machines
refuses stranger.gpg 'Signature verification failed'
damaged
printf X | dd of=served/tiny_$two.raw bs=1 seek=4000000 conv=notrunc status=none
refuses "$keys/openpgp.key.pub" "$tampered"
damaged
truncate -s 40M served/tiny_$two.raw
refuses "$keys/openpgp.key.pub" "$tampered"
damaged
cp served/tiny_$one.raw served/tiny_$two.raw
refuses "$keys/openpgp.key.pub" "$tampered"
# The sums changed along with the image: the signature is the old one's.
damaged
cp served/tiny_$one.raw served/tiny_$two.raw
sed -i "s/^[0-9a-f]*  tiny_$two.raw$/$(sha256sum <served/tiny_$two.raw | cut -d' ' -f1)  tiny_$two.raw/" served/SHA256SUMS
refuses "$keys/openpgp.key.pub" 'Signature verification failed'
damaged
rm served/SHA256SUMS.gpg
refuses "$keys/openpgp.key.pub" 'signature'
damaged
sed -i "/tiny_$two.raw/d" served/SHA256SUMS
refuses "$keys/openpgp.key.pub" .
stop_server

step "names, sums and the best-before file are as systemd-sysupdate reads them"
expect 0 gpgv --keyring "$keys/openpgp.key.pub" "$registry/images/tiny/dev/SHA256SUMS.gpg" "$registry/images/tiny/dev/SHA256SUMS"
python3 - "$registry/images/tiny/dev" $one $two <<'P'
import datetime, hashlib, pathlib, re, sys
folder = pathlib.Path(sys.argv[1])
named, versions, best_before = {}, set(), []
for line in (folder / "SHA256SUMS").read_text().splitlines():
    digest, name = re.fullmatch(r"([0-9a-f]{64}) [ *]([^/ ]+)", line).groups()
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    named[name] = digest
    if day := re.fullmatch(r"BEST-BEFORE-(\d{4}-\d{2}-\d{2})", name):
        best_before.append(datetime.date.fromisoformat(day[1]))
        assert (folder / name).stat().st_size == 0, name
    if version := re.fullmatch(r"tiny_([A-Za-z0-9+.~^-]+)\.raw", name):  # MatchPattern=tiny_@v.raw
        versions.add(version[1])
assert versions == set(sys.argv[2:]), versions
assert len(best_before) == 1 and best_before[0] >= datetime.date.today(), best_before
assert set(named) | {"SHA256SUMS", "SHA256SUMS.gpg"} == {each.name for each in folder.iterdir()}, named
P

step "casync rebuilds the image, from a folder and over HTTP, with an old image as seed"
index=$(ls "$registry"/targets/tiny/dev/$two/*.caibx)
extract() { timeout 240 casync extract "$@"; } # OPTION… INDEX FILE
expect 0 extract --store="$registry/chunks" "$index" from_folder.raw
cmp from_folder.raw $new
expect 0 extract --store="$registry/chunks" --seed="$old" "$index" seeded.raw
cmp seeded.raw $new
serve "$registry"
expect 0 extract --store="$url/chunks" --seed="$old" "$url/${index#"$registry"/}" over_http.raw
cmp over_http.raw $new
grep -q 'GET /chunks/.*cacnk.* 200' "$scratch/server.log" || fail "no chunk came over HTTP"
stop_server

step "and refuses a chunk that is damaged, swapped or missing"
cp -r "$registry/chunks" store
mapfile -t chunks < <(find store -name '*.cacnk' -size +10k | sort)
chunk=${chunks[3]}
breaks() {
  rm -f broken.raw
  expect 1 extract --store=store "$index" broken.raw
  ! cmp -s broken.raw $new || fail "it was rebuilt nevertheless"
  cp "$registry/chunks/${chunk#store/}" "$chunk"
}
printf '\377\377' | dd of="$chunk" bs=1 seek=5000 conv=notrunc status=none
breaks
cp "${chunks[4]}" "$chunk"
breaks
rm "$chunk"
breaks
expect 0 extract --store=store "$index" whole.raw
cmp whole.raw $new
