#!/usr/bin/env bash
# A release finds its root on other disks than virtio's: only the drivers of devices that the machine shows are loaded, and all of them when
# that was not enough.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/web_lib.sh"
make_web_alone 2026-11-21T16:10:27Z 20261121T161027Z
folder=$built/out/web/20261121T161027Z
disk=$(echo "$folder"/*.raw) kernel=$(echo "$folder"/*.vmlinuz) initrd=$(echo "$folder"/*.initrd)
qemu=
trap '[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true; cleanup' EXIT

boots() { # INITRD MACHINE WORDS…: until reburst-init says that it is done
  : >"$scratch/console"
  TMPDIR=$scratch timeout 240 qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -M "$2" -accel tcg -cpu max,-cx16 -smp 2 -m 768 \
    -serial "file:$scratch/console" -kernel "$kernel" -initrd "$1" -append "console=ttyS0 panic=-1 ignore_loglevel" "${@:3}" </dev/null >"$scratch/qemu" 2>&1 &
  qemu=$!
  while kill -0 "$qemu" 2>/dev/null; do
    ! grep -qE 'verified root, handing over|reburst ====|end Kernel panic' "$scratch/console" || kill "$qemu" 2>/dev/null || true
    sleep 0.2
  done
  wait "$qemu" || true
  qemu=
  grep -q 'verified root, handing over' "$scratch/console" || { tail -n 40 "$scratch/console" "$scratch/qemu" >&2; fail "it does not boot"; }
}
shows() { grep -q "$1" "$scratch/console" || fail "the console does not show: $1"; }
shows_not() { ! grep -q "$1" "$scratch/console" || fail "the console shows: $1"; }
drive="driver=file,read-only=on,filename=$disk,node-name=file"
drive() { printf '%s\n' -blockdev "$drive" -blockdev driver=raw,read-only=on,file=file,node-name=disk; }
mapfile -t drive_words < <(drive)

step "virtio-blk: no driver of other disks is loaded"
boots "$initrd" q35 "${drive_words[@]}" -device virtio-blk-pci,drive=disk
shows_not 'SCSI subsystem initialized'
shows_not 'libata version'

step "virtio-scsi: its driver is, and those of others are not"
boots "$initrd" q35 "${drive_words[@]}" -device virtio-scsi-pci -device scsi-hd,drive=disk
shows 'SCSI subsystem initialized'
shows_not 'libata version'

step "an IDE disk of an old machine"
# The chipset's own controller; its disks cannot be read-only.
boots "$initrd" pc -drive "if=ide,format=raw,snapshot=on,file=$disk"
shows 'libata version'
shows_not 'waiting for its disk'

step "a device by a name that no pattern knows: every driver is tried"
mkdir "$scratch/changed" "$scratch/changed/modules"
(cd "$scratch" && cpio -id --quiet 'modules/*.devices' <"$initrd")
cp "$initrd" "$scratch/initrd"
for file in "$scratch"/modules/*.devices; do echo 'pci:nothing' >"$scratch/changed/modules/${file##*/}"; done
(cd "$scratch/changed" && find modules -type f | cpio -o --quiet -H newc) >>"$scratch/initrd"
boots "$scratch/initrd" q35 "${drive_words[@]}" -device virtio-scsi-pci -device scsi-hd,drive=disk
shows 'libata version'
shows 'waiting for its disk'
