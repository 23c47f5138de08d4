#!/usr/bin/env bash
# The image boots in QEMU and passes its recipe's tests; a test that must fail does fail.
. "$(dirname "$0")/lib.sh"
folder=$(web_release)

step "the recipe's tests, in the booted image"
before=$(sha256sum <"$folder"/web_*.raw)
expect 0 reburst test "$folder"
cat "$scratch/out"
says ': booted by (kvm|emulation) in [0-9.]+ s$'
says '^  passed +answers$'
[ "$before" = "$(sha256sum <"$folder"/web_*.raw)" ] || fail "the test changed the released disk"

step "by the firmware, through the UKI"
expect 0 reburst test "$folder" --firmware
cat "$scratch/out"
says '^  passed +answers$'

step "a guest that takes too long is ended, and its console shown"
expect 14 reburst test "$folder" --timeout 4
says "the console's last lines:"
says '^  \| .'

step "what is not the release is not booted"
cp -a "$folder" "$scratch/release"
disk=$(echo "$scratch/release"/web_*.raw)
printf 'x' | dd of="$disk" bs=1 seek=5000000 conv=notrunc status=none
expect 6 reburst test "$scratch/release"
says "\"$disk\" has the wrong SHA-256$"
truncate -s -512 "$disk"
expect 6 reburst test "$scratch/release"
says "\"$disk\" has the wrong size$"
rm -rf "$scratch/release"

step "a test that fails is reported, with the console's end"
cp -a "$folder" "$scratch/release"
sed -i 's/"path":"\/","port":80,"status":200/"path":"\/","port":80,"status":418/' "$scratch/release/manifest.json"
(cd "$scratch/release" && mv SHA256SUMS before && cut -c 67- before | xargs sha256sum >SHA256SUMS && rm before)
expect 14 reburst test "$scratch/release"
says '418'
says "the console's last lines:"
says '^  \| .+'
