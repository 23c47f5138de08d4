#!/usr/bin/env bash
# reburst-init refuses what is not exactly the release: each time a frame that says why, or the kernel's panic on corrupted blocks,
# and never a root handed over. QEMU ends with status 0 for all of these: only the console tells.
. "$(dirname "$0")/lib.sh"
folder=$(web_release)
disk=$(echo "$folder"/web_*.raw)
# The manifest is canonical JSON: one line, keys sorted.
artifact() { grep -o "\"kind\":\"$1\",\"name\":\"[^\"]*" "$folder/manifest.json" | sed 's/.*"//'; }
kernel=$folder/$(artifact kernel)
initrd=$folder/$(artifact initrd)
(cd "$scratch" && cpio -i --quiet boot.conf) <"$initrd"
conf=$scratch/boot.conf
# What may have ended by itself meanwhile is no fault, here and in boot().
trap 'kill $(jobs -p) 2>/dev/null || true; cleanup' EXIT
value() { sed -n "s/^$1 //p" "$conf"; }

# initrd_with SED: the released initrd, then a cpio with a changed boot.conf, which wins.
initrd_with() {
  mkdir -p "$scratch/changed"
  sed "$1" "$conf" >"$scratch/changed/boot.conf"
  ! cmp -s "$conf" "$scratch/changed/boot.conf" || fail "\"$1\" changed nothing"
  cp "$initrd" "$scratch/initrd"
  (cd "$scratch/changed" && echo boot.conf | cpio -o --quiet -H newc) >>"$scratch/initrd"
}

# boot INITRD DISK…: until QEMU ends by itself, or the console shows what decides.
boot() {
  local drives=() image=$1 each
  shift
  for each in "$@"; do drives+=(-drive "if=virtio,format=raw,snapshot=on,file=$each"); done
  : >"$scratch/console"
  TMPDIR=$scratch timeout 300 qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -M q35 -accel tcg \
    -cpu max,-cx16 -m 768 -serial "file:$scratch/console" -kernel "$kernel" -initrd "$image" -append 'console=ttyS0 panic=-1' \
    "${drives[@]}" </dev/null >"$scratch/qemu" 2>&1 &
  local qemu=$!
  while kill -0 "$qemu" 2>/dev/null; do
    ! grep -qE 'verified root, handing over|reburst ====' "$scratch/console" || kill "$qemu" 2>/dev/null || true
    sleep 0.2
  done
  wait "$qemu" || true  # killed or not: what counts is the console
}
shows() { grep -qE -- "$1" "$scratch/console" || { tail -n 40 "$scratch/console" "$scratch/qemu" >&2; fail "the console does not show: $1"; }; }
refused() {
  ! grep -q 'verified root, handing over' "$scratch/console" || fail "a root was handed over"
  local pattern
  for pattern in "$@"; do shows "$pattern"; done
}
# overwrite FILE OFFSET BYTES
overwrite() { printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
# The first byte of the partition with a PARTUUID.
partition_start() { sfdisk --dump "$disk" | sed -n "s/.*start= *\([0-9]*\),.*uuid=$1.*/\1/Ip" | { read -r sector && echo $((sector * 512)); }; }
data=$(partition_start "$(value data_partuuid)")
hashes=$(partition_start "$(value hash_partuuid)")
tree=$((hashes + $(value hash_start) * 4096))

step "the released parts do boot: what follows fails for its own reason"
boot "$initrd" "$disk"
shows "reburst: web $(value version) $(value root_hash) verified root, handing over"

step "boot.conf with a key that nobody knows"
initrd_with 's/^salt/color red\nsalt/'
boot "$scratch/initrd" "$disk"
refused 'boot refused' 'reading line 5 of /boot.conf' '"color red"'

step "another root hash"
initrd_with "s/^root_hash ./root_hash $(value root_hash | cut -c1 | tr '0-9a-f' '1-9a-f0')/"
boot "$scratch/initrd" "$disk"
refused 'metadata block .* is corrupted'

step "no disk"
boot "$initrd"
refused 'boot refused' 'looking for the root partition' 'found     0' "release   web $(value version)"

step "two disks with the same partitions"
boot "$initrd" "$disk" "$disk"
refused 'boot refused' 'looking for the root partition' "exactly one partition with PARTUUID $(value data_partuuid)" 'found     2, one of them /dev/vd'

step "a partition of another size than the release's"
initrd_with "s/^data_blocks .*/data_blocks $(($(value data_blocks) - 1))/"
boot "$scratch/initrd" "$disk"
refused 'boot refused' 'checking the size of /dev/vda' "expected  $((($(value data_blocks) - 1) * 4096)) bytes"

step "a state volume that is not there"
initrd_with 's/^on_failure/state nowhere \/var\/lib\non_failure/'
boot "$scratch/initrd" "$disk"
refused 'boot refused' 'looking for a state volume' 'PARTLABEL nowhere'

step "a disk that is cut short"
cp --sparse=always "$disk" "$scratch/disk"
truncate -s $(($(stat -c %s "$disk") - 1048576)) "$scratch/disk"
boot "$initrd" "$scratch/disk"
refused 'boot refused' 'looking for the root partition'

step "a byte of the file system's first block"
cp --sparse=always "$disk" "$scratch/disk"
overwrite "$scratch/disk" $((data + 1100)) '\0377\0376'
boot "$initrd" "$scratch/disk"
refused 'data block .* is corrupted'

step "a byte of the hash tree's root"
cp --sparse=always "$disk" "$scratch/disk"
overwrite "$scratch/disk" "$tree" '\0377\0376'
boot "$initrd" "$scratch/disk"
refused 'metadata block .* is corrupted'

