#!/usr/bin/env bash
# A tampered release never runs: `reburst attack` with its short list, or with all cases. The verdicts are the product's own; here it is looked at from
# outside: that the table is whole, that what it made is what it says (sfdisk, mtools, sbverify, cmp), that the released disk stays as it was, that a
# case can fail, and that the evidence is signed.
#   tamper.sh [short | all]
. "$(dirname "$0")/lib.sh"
list=${1:-short}
# Keys that stay, so that the release that is signed with them is found in the cache by the next run.
export XDG_DATA_HOME=$WORK/tamper/.data
keys=$XDG_DATA_HOME/reburst/keys
mkdir -p "$WORK/tamper"
exec 9>"$WORK/tamper.lock"
flock 9
[ -e "$keys/secure-boot/db.pem" ] || "$REBURST" key create --secure-boot --quiet
# A small release of the role: most of what is shown is over before systemd would start.
cat >"$WORK/tamper/web.yaml" <<YAML
recipe: 1
role: web
from: base
epoch: 2026-11-21T16:10:27Z
files:
  - {path: /srv/web, content: "tamper\n"}
image:
  exclude: [/usr/bin, /usr/sbin, /usr/share, /usr/lib/$(uname -m)-linux-gnu, /usr/lib/systemd, /var/lib, /var/cache]
YAML
reburst build "$WORK/tamper/web.yaml" --out "$WORK/tamper/out" --quiet >/dev/null
flock -u 9
version=20261121T161027Z
folder=$scratch/web/$version
mkdir -p "$scratch/web"
cp -r --reflink=auto "$WORK/tamper/out/web/$version" "$folder"
disk=$folder/web_$version.raw
evidence=$folder/web_$version.attack.intoto.json
before=$(sha256sum <"$disk")
json() { python3 -c 'import json, sys; data = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }

step "the table has every number of the matrix, and says why"
expect 0 "$REBURST" attack --list --json
[ "$(json "$scratch/out" '" ".join(str(n) for n in sorted({c["number"] for c in data}))')" = "$(seq -s ' ' 0 31)" ] || fail "a number is missing"
[ "$(json "$scratch/out" 'sum(1 for c in data if not c["why"] or not c["done"])')" = 0 ] || fail "a case does not say what or why"
expect 0 "$REBURST" attack --list --cases short
[ "$(wc -l <"$scratch/out")" -lt 15 ] || fail "the short list is long"
expect 2 "$REBURST" attack --cases no-such
says 'there is no case "no-such"'
expect 2 "$REBURST" attack
says 'ROLE is required'

step "a case that comes out otherwise fails, and leaves evidence that says so"
# Firmware alone takes longer, whatever the machine.
expect 14 reburst attack "$folder" --cases released-by-firmware --timeout 1
says '^expected: boots|^ *expected: boots'
says 'found:    nothing'
[ "$(json "$evidence" '__import__("json").loads(__import__("base64").b64decode(data["payload"]))["predicate"]["passed"]')" = False ] || fail "the evidence says that it passed"

# Machines that are made, and not given the time to boot.
made() {
  reburst attack "$folder" --unsigned --timeout 1 --keep "$scratch/kept" --cases "$1" >"$scratch/out" 2>"$scratch/err" || [ $? = 14 ] ||
    { cat "$scratch/err" >&2; fail "$1 cannot be made"; }
}
partition() { sfdisk --dump "$1" 2>/dev/null | sed -nE "s/^[^ ]*[^0-9 ]$2 : start= *([0-9]+), size= *([0-9]+),.*uuid=([0-9A-F-]+).*/\1 \2 \3/p"; }
step "sfdisk sees the changed tables"
read -r start size uuid < <(partition "$disk" 1)
read -r esp _ esp_uuid < <(partition "$disk" 3)
made slack-root
[ "$(partition "$scratch/kept/slack-root/disk.raw" 1)" = "$start $((size + 8)) $uuid" ] || fail "slack-root has another root partition"
made duplicate-partuuid
[ "$(partition "$scratch/kept/duplicate-partuuid/disk.raw" 3 | cut -d' ' -f3)" = "$uuid" ] || fail "duplicate-partuuid has none"
[ "$esp_uuid" != "$uuid" ] || fail "the released disk has two"
made primary-gpt
sfdisk --verify "$scratch/kept/primary-gpt/disk.raw" >"$scratch/sfdisk" 2>&1 || true
grep -qi 'primary GPT table is corrupt' "$scratch/sfdisk" || fail "sfdisk finds the primary table whole"
rm -r "$scratch/kept"

step "one byte differs where one byte was changed"
made data-block
[ "$(cmp -l "$disk" "$scratch/kept/data-block/disk.raw" | wc -l)" = 1 ] || fail "more or less than a byte"
rm -r "$scratch/kept"

step "a boot program is what its case says: sbverify and mtools"
program() { mcopy -o -i "$scratch/kept/$1/disk.raw@@$((esp * 512))" ::/EFI/BOOT/BOOTX64.EFI "$scratch/program"; }
verifies() { sbverify --cert "$keys/secure-boot/db.crt" "$scratch/program" >/dev/null 2>&1; }
made kernel-bit && program kernel-bit
[ "$(cmp -l "$folder/web_$version.efi" "$scratch/program" | wc -l)" = 1 ] || fail "kernel-bit changed more than a byte"
! verifies || fail "sbverify takes a flipped bit"
made unsigned && program unsigned
[ "$(sbverify --list "$scratch/program" 2>&1 | grep -c '^signature')" = 0 ] || fail "unsigned is signed"
made foreign-key && program foreign-key
[ "$(sbverify --list "$scratch/program" 2>&1 | grep -c '^signature')" = 1 ] || fail "foreign-key is not signed"
! verifies || fail "foreign-key is signed with db's key"
made older-release && program older-release
verifies || fail "older-release is not signed with db's key"
! cmp -s "$folder/web_$version.efi" "$scratch/program" || fail "older-release is this one"
rm -r "$scratch/kept"

step "the cases ($list): each as its table says"
got=0
reburst attack "$folder" --cases "$list" --keep "$scratch/kept" >"$scratch/table" 2>"$scratch/err" || got=$?
cat "$scratch/table"
[ "$got" = 0 ] || { cat "$scratch/err" >&2; fail "attack ended with $got"; }
with_all=()
# Those of the old table that need nothing but a kernel: never passed over.
[ "$list" != all ] || with_all=(tpm-reset tpm-other-registers linux-by-kernel)
for each in "${with_all[@]}" released data-block hash-root last-data-block read-error slack-root secure-boot-required second-disk initrd-bit; do
  grep -qE "^[0-9-]+ +$each +[a-z-]+ +[0-9.]+ s +as expected" "$scratch/table" || fail "$each was not run"
done
# Judged once more, by other means than the product's.
grep -q "reburst: web $version $(json "$folder/manifest.json" 'data["root_hash"]') verified root, handing over" "$scratch/kept/released/console.txt" || fail "released"
grep -q '==== reburst: boot refused ====' "$scratch/kept/hash-root/console.txt" || fail "hash-root"
for each in "$scratch"/kept/*/; do
  ! grep -q 'handing over' "$each/console.txt" || grep -qE "^[0-9-]+ +$(basename "$each") +boots" "$scratch/table" || fail "$each came up"
done
rm -r "$scratch/kept"
[ "$before" = "$(sha256sum <"$disk")" ] || fail "a case changed the released disk"

step "the evidence is of this release, signed, and as its schema says"
python3 - "$evidence" "$folder" "$SOURCE/recipes/schema/attack-evidence-v1.json" "$scratch" <<'P'
import base64, hashlib, json, pathlib, sys
import jsonschema
evidence, folder, schema, scratch = map(pathlib.Path, sys.argv[1:])
envelope = json.loads(evidence.read_text())
payload = base64.b64decode(envelope["payload"], validate=True)
kind = envelope["payloadType"]
statement = json.loads(payload)
jsonschema.Draft202012Validator(json.loads(schema.read_text())).validate(statement)
assert statement["predicate"]["passed"] is True
listed = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
listed["SHA256SUMS"] = hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
assert {s["name"]: s["digest"]["sha256"] for s in statement["subject"]} == listed, "other subjects"
(scratch / "signed").write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload))
(scratch / "signature").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"], validate=True))
P
openssl dgst -sha256 -verify "$keys/release.pub" -signature "$scratch/signature" "$scratch/signed" >/dev/null || fail "the signature is wrong"

[ "$list" = all ] || exit 0

# attacked FOLDER OPTION… -- NAME…: each of these cases applies to the release, and comes out as its table says
attacked() {
  local folder=$1 options=() wanted
  shift
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  wanted=$(IFS=,; echo "$*")
  reburst attack "$folder" --unsigned --cases "$wanted" "${options[@]}" >"$scratch/table" 2>"$scratch/err" || { cat "$scratch/table" "$scratch/err" >&2; fail "attack failed"; }
  cat "$scratch/table"
  for each; do grep -E "^[0-9-]+ +$each +[a-z-]+ +[0-9.]+ s +as expected" "$scratch/table" >/dev/null || fail "$each was not run"; done
}
build() { reburst build "$WORK/tamper/$1.yaml" --out "$WORK/tamper/out" --quiet "${@:2}" >/dev/null; }

step "what the small release has no part for: a whole system, a ticket, and the policy \"required\""
registry=$scratch/tickets
reburst publish "$folder" --channel stable --registry "$registry" --quiet >/dev/null
mkdir -p "$WORK/tamper/whole"
cat >"$WORK/tamper/whole/whole.yaml" <<YAML
recipe: 1
role: whole
from: web
epoch: 2026-11-21T16:10:27Z
boot: {secure_boot: required}
YAML
build whole/whole --trust-root "$keys/root.json"
reburst publish "$WORK/tamper/out/whole/$version" --channel stable --registry "$registry" --quiet >/dev/null
reburst ticket whole@stable --for clone --registry "$registry" --out "$scratch/ticket" >/dev/null
attacked "$WORK/tamper/out/whole/$version" --ticket "$scratch/ticket" -- credentials-heeded credentials credentials-by-firmware esp-extra \
  secure-boot-off-required setup-mode-required expired-ticket malformed-ticket clock-set-back

step "a stub that takes words from the host"
sed -e 's/^role: web$/role: thirteen/' -e '/^from:/a suite: trixie' "$WORK/tamper/web.yaml" >"$WORK/tamper/thirteen.yaml"
build thirteen
attacked "$WORK/tamper/out/thirteen/$version" -- released-by-firmware stub-command-line-refused

step "a release with evidence beside it is published like any other"
expect 0 reburst publish "$folder" --channel stable --registry "$scratch/registry"
[ -z "$(find "$scratch/registry" -name '*attack*')" ] || fail "it was published with it"
