#!/usr/bin/env bash
# secure_boot.sh [quick]: Secure Boot with keys of our own: a signed release boots, an unsigned one does not, and an NVRAM that is pinned to one
# release, or revokes one, boots accordingly (not in the quick run). Judges: sbverify, efitools, openssl, and OVMF itself.
source "$(dirname "$0")/lib.sh"
export XDG_DATA_HOME=$scratch/data
keys=$XDG_DATA_HOME/reburst/keys
boot_keys=$keys/secure-boot
one=20260102T000000Z
two=20260303T000000Z

shop() { # EPOCH TEXT: a small role that boots
  cat >"$scratch/shop.yaml" <<YAML
recipe: 1
role: shop
from: base
epoch: $1T00:00:00Z
kernel: {cmdline: [quiet]}
files:
  - {path: /srv/shop, content: "$2\n"}
YAML
}
build() { reburst build "$scratch/shop.yaml" --quiet "$@"; }
boot() { reburst boot "$@" --timeout 240; }
field() { python3 -c 'import json, sys; print(eval("json.load(open(sys.argv[1]))" + sys.argv[2]))' "$1" "$2"; }

step "without keys there is no firmware to boot with, and nothing to write one from"
mkdir -p "$scratch/none"
expect 8 reburst key nvram "$scratch/vars.fd"
says 'secure-boot/PK.crt'

step "key create --secure-boot makes keys, files for real firmware, and an NVRAM"
expect 0 "$REBURST" key create --secure-boot --json
for name in PK KEK db; do
  [ "$(stat -c %a "$boot_keys/$name.pem")" = 600 ] || fail "$name.pem has another mode"
  [ "$(openssl x509 -in "$boot_keys/$name.cer" -inform DER -noout -fingerprint -sha256 | cut -d= -f2 | tr -d : | tr A-F a-f)" = \
    "$(field "$scratch/out" "['certificates']['$name']")" ] || fail "$name.cer has another fingerprint"
  sig-list-to-certs "$boot_keys/$name.esl" "$scratch/cert" >"$scratch/list" || fail "efitools cannot read $name.esl"
  cmp -s "$scratch/cert-0.der" "$boot_keys/$name.cer" || fail "$name.esl holds another certificate"
done
[ -e "$keys/keys.json" ] || fail "the key folder is not whole"

step "keys are never replaced"
expect 2 "$REBURST" key create --secure-boot
says 'cannot create Secure Boot keys in .*: it is there already'

step "an encrypted set signs with its passphrase, and not with another"
printf 'secret\n' >"$scratch/passphrase"
"$REBURST" key create --secure-boot --encrypt --keys "$scratch/locked" --passphrase-fd 3 --quiet 3<"$scratch/passphrase"
grep -q 'BEGIN ENCRYPTED' "$scratch/locked/secure-boot/db.pem" || fail "db.pem is not encrypted"
shop 2026-01-02 one
printf 'wrong\n' >"$scratch/wrong"
got=0
reburst build "$scratch/shop.yaml" --keys "$scratch/locked" --passphrase-fd 3 3<"$scratch/wrong" 2>"$scratch/err" >"$scratch/out" || got=$?
[ "$got" = 2 ] || fail "a wrong passphrase ended with $got"
says 'the passphrase of the private key .* is wrong'

step "a build signs the UKI, and says with what"
build --out "$scratch/signed" >/dev/null
release=$scratch/signed/shop/$one
uki=$release/shop_$one.efi
sbverify --cert "$boot_keys/db.crt" "$uki" >"$scratch/sb" 2>&1 || { cat "$scratch/sb" >&2; fail "sbverify refuses it"; }
! grep -q warning "$scratch/sb" || fail "sbverify warns: $(cat "$scratch/sb")"
! sbverify --cert "$boot_keys/KEK.crt" "$uki" >/dev/null 2>&1 || fail "sbverify takes another certificate"
[ "$(field "$release/manifest.json" "['secure_boot']['certificate_sha256']")" = "$(sha256sum "$boot_keys/db.cer" | cut -d' ' -f1)" ] ||
  fail "the manifest names another certificate"
digest=$(field "$release/manifest.json" "['secure_boot']['authenticode_sha256']")
hash-to-efi-sig-list "$uki" "$scratch/hash.esl" >"$scratch/hash" || fail "efitools cannot hash it"
sig-list-to-certs "$scratch/hash.esl" "$scratch/hash" >/dev/null
[ "$(tail -c 32 "$scratch/hash-0.hash" | od -An -tx1 | tr -d ' \n')" = "$digest" ] || fail "efitools computes another digest"

step "signed changes for real firmware are those of efitools"
cp /usr/lib/systemd/boot/efi/linuxx64.efi.stub "$scratch/other.efi"
truncate -s %8 "$scratch/other.efi" # as efitools hashes it
expect 0 reburst key nvram "$scratch/pinned.fd" --pin "$release" --revoke "$scratch/other.efi" --auth "$scratch/stick"
says "^$scratch/stick/db.auth  for the firmware of a real machine$"
change() { # NAME DIGEST [OPTION]: the lists and the signature at the end of NAME.auth are those of sign-efi-sig-list
  python3 - "$scratch/stick/$1.auth" "$scratch/lists" "$scratch/time" "$2" <<'PY'
import pathlib, struct, sys
auth, lists, time, digest = sys.argv[1:]
data = pathlib.Path(auth).read_bytes()
content = data[16 + struct.unpack_from("<I", data, 16)[0]:]
assert content[-32:].hex() == digest and len(content) == 76, "another digest"
pathlib.Path(lists).write_bytes(content)
pathlib.Path(time).write_text("%d-%d-%d %d:%d:%d" % struct.unpack_from("<H5B", data))
PY
  sign-efi-sig-list ${3:+"$3"} -t "$(cat "$scratch/time")" -k "$boot_keys/KEK.pem" -c "$boot_keys/KEK.crt" "$1" "$scratch/lists" "$scratch/theirs.auth" >/dev/null
  cmp <(tail -c $((76 + 256)) "$scratch/stick/$1.auth") <(tail -c $((76 + 256)) "$scratch/theirs.auth") || fail "$1.auth is signed otherwise"
}
change db "$digest"
hash-to-efi-sig-list "$scratch/other.efi" "$scratch/hash.esl" >/dev/null
change dbx "$(tail -c 32 "$scratch/hash.esl" | od -An -tx1 | tr -d ' \n')" -a
expect 2 reburst key nvram "$scratch/none.fd" --auth "$scratch/stick"
says 'without --pin and --revoke changes nothing'
[ ! -e "$scratch/none.fd" ] || fail "an NVRAM was written"

step "the signed release boots with Secure Boot on"
expect 0 boot "$release" --tpm
says 'Secure Boot on, root verified'
for register in pcr4 pcr7 pcr11; do
  says "^  PCR ${register#pcr} +$(field "$release/manifest.json" "['measured_boot']['$register']")  as the manifest says$"
done

step "without swtpm there is no TPM, and the package is named"
namespace=(unshare --mount)
[ "$(id -u)" -eq 0 ] || namespace=(unshare --mount --map-root-user)
expect 16 "${namespace[@]}" bash -c 'mount --bind /dev/null "$(command -v swtpm)" && exec "$@"' - "$REBURST" boot "$release" --tpm --cache "$WORK/cache"
says 'cannot give the machine a TPM: "swtpm" is not installed$'
says 'install the package swtpm, or boot without --tpm$'

[ "${1:-}" != quick ] || exit 0

step "the same key gives the same bytes, and no key gives the unsigned program"
build --out "$scratch/again" >/dev/null
cmp "$uki" "$scratch/again/shop/$one/shop_$one.efi" || fail "the UKI differs"
cmp "$release/shop_$one.raw" "$scratch/again/shop/$one/shop_$one.raw" || fail "the disk differs"
shop 2026-03-03 two
build --out "$scratch/unsigned" --unsigned >/dev/null
! sbverify --list "$scratch/unsigned/shop/$two/shop_$two.efi" | grep "signature 1" >/dev/null || fail "--unsigned signs"
! grep -q secure_boot "$scratch/unsigned/shop/$two/manifest.json" || fail "the manifest says that it is signed"

grep -q '"measured_boot":{"pcr11":"[0-9a-f]*","pcr4":"[0-9a-f]*"}' "$scratch/unsigned/shop/$two/manifest.json" ||
  fail "the manifest of an unsigned release names keys"

step "a TPM that does not hold what the manifest says is told"
cp -a "$release" "$scratch/other"
python3 - "$scratch/other" <<'PY'
import hashlib, pathlib, re, sys
folder = pathlib.Path(sys.argv[1])
manifest = folder / "manifest.json"
manifest.write_text(re.sub('"pcr11":"[0-9a-f]{64}"', '"pcr11":"%064d"' % 0, manifest.read_text()))
names = [line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text().splitlines()]
(folder / "SHA256SUMS").write_text("".join("%s  %s\n" % (hashlib.sha256((folder / name).read_bytes()).hexdigest(), name) for name in names))
PY
expect 14 boot "$scratch/other" --tpm
says 'booted, but its TPM does not hold what the manifest says'
says '^ *PCR 11  expected  0{64}$'
says "^ *found     $(field "$release/manifest.json" "['measured_boot']['pcr11']")$"

step "an unsigned release is refused"
expect 14 boot "$scratch/unsigned/shop/$two"
says 'the firmware refused the boot program .*: Access Denied'

step "an NVRAM that is pinned to one release boots it, signed or not, and no other"
expect 0 reburst key nvram "$scratch/two.fd" --pin "$scratch/unsigned/shop/$two"
expect 0 boot "$scratch/unsigned/shop/$two" --nvram "$scratch/two.fd"
says 'Secure Boot on, root verified'
expect 14 boot "$release" --nvram "$scratch/two.fd"
says 'the firmware refused the boot program .*: Access Denied'

step "a revoked release is refused, whoever signed it"
expect 0 reburst key nvram "$scratch/revoked.fd" --revoke "$release"
expect 14 boot "$release" --nvram "$scratch/revoked.fd"
says 'the firmware refused the boot program .*: Access Denied'

step "one release is not pinned and revoked at once"
expect 2 reburst key nvram "$scratch/no.fd" --pin "$release" --revoke "$uki"
says 'is pinned and revoked at once'
[ ! -e "$scratch/no.fd" ] || fail "an NVRAM was written"
