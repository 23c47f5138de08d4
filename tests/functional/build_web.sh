#!/usr/bin/env bash
# Builds the shipped web role from the machine's own archive; later tests use the result.
. "$(dirname "$0")/lib.sh"
rm -rf "$WORK/out"

step "build"
expect 0 reburst build web --out "$WORK/out" --jobs 2
cat "$scratch/out"
folder=$(tail -n 1 "$scratch/out")
[ "$folder" = "$(web_release)" ] || fail "the last line is not the release folder: $folder"
for word in packages image kernel 'root hash' time next; do says "^  $word"; done

step "the folder holds what its checksums say, and nothing else"
(cd "$folder" && sha256sum --quiet --strict --check SHA256SUMS)
diff <(cd "$folder" && ls) <(cd "$folder" && { awk '{print $2}' SHA256SUMS; echo SHA256SUMS; } | sort)
for kind in disk uki kernel initrd files provenance sbom-spdx sbom-cyclonedx; do grep -q "\"kind\":\"$kind\"" "$folder/manifest.json" || fail "no $kind"; done

step "partitions, root file system and hash tree pass the stock tools"
disk=$(ls "$folder"/*.raw)
sfdisk --verify "$disk" >"$scratch/verify" 2>&1 || { cat "$scratch/verify" >&2; fail "sfdisk --verify"; }
extract() { # TYPE FILE
  local start size
  read -r start size < <(sfdisk -J "$disk" | tr -d ' \n' | grep -oi "{\"node\":[^}]*\"type\":\"$1\"[^}]*}" | sed -E 's/.*"start":([0-9]+),"size":([0-9]+).*/\1 \2/')
  dd if="$disk" of="$2" bs=1M iflag=skip_bytes,count_bytes skip=$((start * 512)) count=$((size * 512)) status=none
}
extract 4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709 "$scratch/root"
extract 2C7357ED-EBD2-46D9-AEC1-23D437EC2BF5 "$scratch/verity"
extract C12A7328-F81F-11D2-BA4B-00A0C93EC93B "$scratch/esp"
fsck.erofs "$scratch/root" >/dev/null
hash=$(sed -E 's/.*"root_hash":"([0-9a-f]{64})".*/\1/' "$folder/manifest.json")
veritysetup verify "$scratch/root" "$scratch/verity" "$hash"
fsck.fat -n "$scratch/esp" >/dev/null
mcopy -n -i "$scratch/esp" ::/EFI/BOOT/BOOTX64.EFI "$scratch/uki"
cmp "$scratch/uki" "$folder"/*.efi

step "the root file system is what the first hardening promises"
fsck.erofs --extract="$scratch/tree" "$scratch/root" >/dev/null
tree=$scratch/tree
for gone in usr/bin/dpkg usr/bin/apt usr/bin/apt-get usr/sbin/policy-rc.d var/lib/dpkg/info etc/passwd- etc/shadow- var/log/dpkg.log; do
  [ ! -e "$tree/$gone" ] || fail "/$gone is in the image"
done
[ -e "$tree/etc/machine-id" ] && [ ! -s "$tree/etc/machine-id" ] || fail "/etc/machine-id is not an empty file"
[ -z "$(find "$tree/etc" -name 'ssh_host_*_key')" ] || fail "SSH host keys"
grep -qE '^root:[!*]' "$tree/etc/shadow" || fail "root is not locked"
grep -qE '^[^:]*::' "$tree/etc/shadow" && fail "an account without a password"
epoch_day=$(($(date -u -d "$(sed -E 's/.*"epoch":"([^"]*)".*/\1/' "$folder/manifest.json")" +%s) / 86400))
[ "$(cut -d: -f3 "$tree/etc/shadow" | sort -u)" = "$epoch_day" ] || fail "/etc/shadow holds another date than the epoch's"
setuid=$(python3 -c '
import json, sys
print(*(e["path"] for e in map(json.loads, open(sys.argv[1])) if e["type"] == "file" and int(e["mode"], 8) & 0o6000))' "$folder"/web_*.files)
[ "$setuid" = /usr/lib/dbus-1.0/dbus-daemon-launch-helper ] || fail "setuid files that no list names: $setuid"

step "an unchanged build does nothing and says so"
before=$(stat -c '%Y %i' "$folder")
expect 0 reburst build web --out "$WORK/out" --lock "$folder/web.lock"
says 'unchanged'
[ "$before" = "$(stat -c '%Y %i' "$folder")" ] || fail "the folder was replaced"

if grep -q $'\033' "$scratch/out"; then fail "escape sequences in a file"; fi

step "on a terminal the result is coloured"
script --quiet --return --command "$REBURST build web --out $WORK/out --lock $folder/web.lock --cache $WORK/cache" "$scratch/typescript" >/dev/null
grep -q $'\033\[1m' "$scratch/typescript" || fail "no colour on a terminal"

step "--json and --quiet"
expect 0 reburst build web --out "$WORK/out" --lock "$folder/web.lock" --json
says '^\{"artifacts":.*"folder":"[^"]*".*"unchanged":true,"version":"[^"]*"\}$'
expect 0 reburst build web --out "$WORK/out" --lock "$folder/web.lock" --quiet
[ "$(cat "$scratch/out")" = "$folder" ] || fail "--quiet prints more than the folder"
[ ! -s "$scratch/err" ] || fail "--quiet talks: $(cat "$scratch/err")"

step "a changed byte in the folder is found and mended"
printf x | dd of="$folder/manifest.json" bs=1 seek=5 conv=notrunc status=none
expect 0 reburst build web --out "$WORK/out" --lock "$folder/web.lock"
(cd "$folder" && sha256sum --quiet --strict --check SHA256SUMS)
