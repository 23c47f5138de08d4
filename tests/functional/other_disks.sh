#!/usr/bin/env bash
# A release finds its root on other disks than virtio's: only the drivers of devices that the machine shows are loaded, and all of them when
# that was not enough.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/web_lib.sh"
. "$(dirname "$0")/machine_lib.sh"
make_web_alone 2026-11-21T16:10:27Z 20261121T161027Z
folder=$built/out/web/20261121T161027Z
disk=$(echo "$folder"/*.raw) kernel=$(echo "$folder"/*.vmlinuz) initrd=$(echo "$folder"/*.initrd)

boots() { # INITRD MACHINE WORDS…
  machine "$decided" "$2" -kernel "$kernel" -initrd "$1" -append "console=ttyS0 panic=-1 ignore_loglevel" "${@:3}"
  console_shows 'verified root, handing over'
}
drive="driver=file,read-only=on,filename=$disk,node-name=file"
drive() { printf '%s\n' -blockdev "$drive" -blockdev driver=raw,read-only=on,file=file,node-name=disk; }
mapfile -t drive_words < <(drive)

step "virtio-blk: no driver of other disks is loaded"
boots "$initrd" q35 "${drive_words[@]}" -device virtio-blk-pci,drive=disk
console_hides 'SCSI subsystem initialized'
console_hides 'libata version'

step "virtio-scsi: its driver is, and those of others are not"
boots "$initrd" q35 "${drive_words[@]}" -device virtio-scsi-pci -device scsi-hd,drive=disk
console_shows 'SCSI subsystem initialized'
console_hides 'libata version'

step "an IDE disk of an old machine"
# The chipset's own controller; its disks cannot be read-only.
boots "$initrd" pc -drive "if=ide,format=raw,snapshot=on,file=$disk"
console_shows 'libata version'
console_hides 'waiting for its disk'

step "a device by a name that no pattern knows: every driver is tried"
mkdir "$scratch/changed" "$scratch/changed/modules"
(cd "$scratch" && cpio -id --quiet 'modules/*.devices' <"$initrd")
cp "$initrd" "$scratch/initrd"
for file in "$scratch"/modules/*.devices; do echo 'pci:nothing' >"$scratch/changed/modules/${file##*/}"; done
(cd "$scratch/changed" && find modules -type f | cpio -o --quiet -H newc) >>"$scratch/initrd"
boots "$scratch/initrd" q35 "${drive_words[@]}" -device virtio-scsi-pci -device scsi-hd,drive=disk
console_shows 'libata version'
console_shows 'waiting for its disk'
