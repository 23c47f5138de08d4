#!/usr/bin/env bash
# What is mistyped, half made, read-only or out of date: refused with the reason, before anything is signed; and who only looks
# at a registry writes nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
cd "$scratch"
make_small_releases
mv "$releases/out/shop/$one" first
mv "$releases/out/shop/$two" second

step "two first publishers at once: one of them makes the keys, whole"
reburst publish first --channel blue >a 2>&1 & a=$!
reburst publish first --channel green >b 2>&1 & b=$!
wait $a || { cat a; fail "the one failed"; }
wait $b || { cat b; fail "the other failed"; }
[ "$(ls -A "$keys" | tr '\n' ' ')" = "keys.json openpgp.key openpgp.key.pub release.pem release.pub root.json root.pem root.pub snapshot.pem snapshot.pub targets.pem targets.pub timestamp.pem timestamp.pub " ] || { ls -A "$keys"; fail "half a folder"; }
[ "$(ls -A "$(dirname "$keys")")" = keys ] || fail "something is left beside the keys"
expect 0 reburst registry check
says '^every door shows what the metadata names$'
expect 0 reburst list
says "shop@blue +$one"
says "shop@green +$one"

step "no key folder where gpg fails"
mkdir bin && printf '#!/bin/sh\necho broken >&2\nexit 1\n' >bin/gpg && chmod 755 bin/gpg
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(--map-root-user)
without_gpg() { expect 4 unshare --mount "${as_root[@]}" bash -c 'mount --bind bin/gpg "$(command -v gpg)" && exec "$@"' - "$REBURST" "$@"; }
without_gpg key create --keys none
says 'cannot make an OpenPGP key: gpg failed'
without_gpg key create --keys none --offline away
[ ! -e none ] && [ ! -e away ] && [ -z "$(ls -A | grep '^\.keys' || true)" ] || fail "half a folder"

# tree: every name, link and byte of the registry.
tree() { (cd "$registry" && { find . -printf '%p %l %i\n' | LC_ALL=C sort; find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; } | sha256sum); }

step "no key that was to be encrypted is plain"
for ask in "locked.pem" "--keys locked --offline locked-away" "--keys locked --secure-boot"; do
  expect 2 "$REBURST" key create $ask --encrypt --passphrase-fd 3 3</dev/null
  says 'the passphrase of ".*locked.*" is empty, and would protect nothing'
  says 'hint: give one, or leave --encrypt and --passphrase-fd out'
done
expect 2 "$REBURST" key create --keys locked --encrypt
says 'development keys are plain files, and not encrypted'
says 'hint: with --offline DIR the keys of root and targets'
[ -z "$(find . -path '*locked*')" ] || fail "keys were made"

step "at a terminal: asked twice, nothing is shown, and ^C gives the echo back"
python3 "$SOURCE/tests/support/passphrase_terminal.py" "$REBURST"

step "what cannot be signed is not published, through no door"
before=$(tree)
cp -p "$keys/openpgp.key" kept
echo 'no key' >"$keys/openpgp.key"
cp -r "$registry/metadata" metadata
for change in "publish second --channel blue" "promote shop $one --to stable --reason tried" "registry refresh --all"; do
  [ "$change" != "registry refresh --all" ] || rm -r "$registry/images" # all of it has to be signed
  expect 4 reburst $change
  says 'cannot read the key ".*openpgp.key": gpg failed'
  diff -r metadata "$registry/metadata"
done
cp -p kept "$keys/openpgp.key"
expect 0 reburst list
says "shop@blue +$one +1 release$"
expect 6 reburst registry check
says '^  images/shop/blue is not there$'
expect 0 reburst registry refresh
expect 0 reburst registry check

step "a disk that is not the manifest's, or none at all, is not published"
before=$(tree)
wrong() { # PYTHON: changes the manifest (m) or the disk's file; the sums are those of what is there then
  rm -rf wrong && cp -r second wrong
  python3 - wrong "$1" <<'P'
import hashlib, json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
m, disk = json.loads((folder / "manifest.json").read_text()), next(folder.glob("*.raw"))
exec(sys.argv[2])
for one in m["artifacts"]:
    content = (folder / one["name"]).read_bytes()
    one["size"], one["sha256"] = len(content), hashlib.sha256(content).hexdigest()
(folder / "manifest.json").write_text(json.dumps(m, sort_keys=True, separators=(",", ":")) + "\n")
names = sorted(file.name for file in folder.iterdir() if file.name != "SHA256SUMS")
(folder / "SHA256SUMS").write_text("".join(f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names))
P
}
wrong 'm["root_hash"] = "0" * 64'
expect 6 reburst publish wrong --channel blue
says "\"wrong/shop_$two.raw\" is not the disk that manifest.json names: its root hash differs"
wrong 'b = bytearray(disk.read_bytes()); b[2 << 20] ^= 1; disk.write_bytes(b)'
expect 6 reburst publish wrong --channel blue
says "\"wrong/shop_$two.raw\" is no disk that can be published: the root file system and its hash tree differ"
wrong 'disk.write_bytes(bytes(1 << 20))'
expect 6 reburst publish wrong --channel blue
says "\"wrong/shop_$two.raw\" is no disk that can be published: the disk has no whole partition table"
[ "$(tree)" = "$before" ] || fail "something was changed"

step "keys that others may read or change are refused"
for mode in 640 604; do
  chmod $mode "$keys/openpgp.key"
  expect 16 reburst publish second --channel blue
  says 'cannot use the OpenPGP key ".*/openpgp.key": other users may read or change it'
done
chmod 600 "$keys/openpgp.key"
chmod 770 "$keys"
expect 16 reburst publish second --channel blue
says 'cannot use the key folder ".*": other users may change what is in it'
chmod 700 "$keys"
expect 0 reburst publish second --channel blue

step "a reason is one line of text"
before=$(tree)
long=$(head -c 5000 /dev/zero | tr '\0' x)
for verb in "publish second --channel blue" "promote shop $one --to stable" "yank shop $one" "registry hold shop $one"; do
  while IFS='|' read -r reason why; do
    for json in "" --json; do
      expect 2 reburst $verb $json --reason "$(printf '%b' "$reason")"
      says "$why"
    done
  done <<R
|the reason is empty
 \\t |the reason is empty
a\\nb|the reason has a line break or another control character
a\\033[2Jb|the reason has a line break or another control character
a\\0377b|the reason is not UTF-8
\\0355\\0240\\0200|the reason is not UTF-8
$long|the reason is longer than 4096 bytes
R
done
expect 2 reburst publish second --channel blue --builder-id "$(printf 'a\377')"
says 'the URI is not UTF-8'
[ "$(tree)" = "$before" ] || fail "something was changed"
expect 0 reburst registry hold shop $one --reason "Prüfung 2026 – ✓"
expect 0 reburst registry unhold shop $one

step "numbers"
for given in -1 x 1.5 99999999999999999999 ''; do
  expect 2 reburst registry gc --keep "$given"
  says '[-]-keep'
  expect 2 reburst publish second --channel blue --security-epoch "$given"
  says '[-]-security-epoch'
done
expect 0 reburst registry gc --keep 0 --dry-run

step "a hold names a release that is there"
expect 8 reburst registry hold shop 20990101T000000Z --reason audit
says '"shop" has no release "20990101T000000Z"'
says "hint: it has $one, $two"
expect 8 reburst registry hold ghost $one --reason audit
says 'the registry has no release of "ghost"'
says 'hint: it has shop'
[ ! -e "$registry/holds.json" ] || grep -qx '\[\]' "$registry/holds.json" || fail "something is held"
expect 8 reburst registry unhold shop $one
says 'nobody holds'

step "a seed is a file or a disk"
mkfifo fifo
mkdir folder
for seed in fifo folder /dev/null /dev/zero; do
  expect 2 timeout 20 "$REBURST" pull shop@blue --seed $seed --out pulled --cache "$WORK/cache"
  says "\"$seed\" is no seed: it is neither a file nor a disk"
done
expect 8 reburst pull shop@blue --seed none --out pulled
says 'the seed "none" is not there'
[ ! -e pulled ] || fail "something was installed"
expect 0 reburst pull shop@blue --seed first/shop_$one.raw --out pulled

step "a read-only copy is checked and exported, and told apart from one that cannot be locked"
read_only() { expect "$1" unshare --mount "${as_root[@]}" bash -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && ! touch "$1/x" 2>/dev/null && shift && exec "$@"' - "$registry" "$REBURST" "${@:2}"; }
before=$(tree)
read_only 0 registry check
says '^every door shows what the metadata names$'
read_only 0 registry check --keys "$keys"
read_only 0 registry export site.tar
read_only 0 registry export site.tar --dry-run
if grep -q 'no lock' "$scratch/err"; then fail "a lock that was held is missed"; fi
[ -z "$(find . -maxdepth 1 -name '.site*')" ] || fail "something is left beside the bundle"
expect 0 reburst registry import site.tar --registry imported --root "$keys/root.json"
expect 0 reburst registry check --registry imported
expect 0 reburst registry export whole.tar
cmp site.tar whole.tar
read_only 17 registry refresh
mv "$registry/.lock" lock
for verb in "registry check" "registry export site.tar"; do
  read_only 0 $verb
  says 'note: "registry" has no lock that can be held: nobody may publish to it meanwhile'
done
mv lock "$registry/.lock"
[ "$(tree)" = "$before" ] || fail "something was changed"

step "check of an expired registry ends with status 5, whole or not"
late=(faketime -f +40d)
expect 5 "${late[@]}" "$REBURST" registry check
says '^every door shows what the metadata names$'
says 'timestamp .*EXPIRED'
says '"timestamp" expired at .*: no client accepts the registry'
expect 5 "${late[@]}" "$REBURST" registry check --json
says '"faults":\[\]'
says '"code":"expired"'
mv "$registry/oci" oci
expect 6 "${late[@]}" "$REBURST" registry check
mv oci "$registry/oci"
expect 0 "${late[@]}" "$REBURST" registry refresh
expect 0 "${late[@]}" "$REBURST" registry check
