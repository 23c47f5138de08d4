# Sourced by tamper.sh: how each case of cases.tsv is made that needs no firmware. A function gets nothing and sets what is booted: `initrd`,
# `disks` (files), `drives` (QEMU's words instead of `disks`), `append` (words for the command line).

# conf_with SED: the released initrd, then a cpio with a changed boot.conf, which wins.
conf_with() {
  mkdir -p "$scratch/changed"
  sed "$1" "$conf" >"$scratch/changed/boot.conf"
  ! cmp -s "$conf" "$scratch/changed/boot.conf" || fail "\"$1\" changed nothing"
  cp "$released_initrd" "$scratch/initrd"
  (cd "$scratch/changed" && echo boot.conf | cpio -o --quiet -H newc) >>"$scratch/initrd"
  initrd=$scratch/initrd
}
# copied: a copy of the disk to change, and to boot.
copied() {
  rm -f "$scratch/disk"
  cp --sparse=always --reflink=auto "$disk" "$scratch/disk"
  disks=("$scratch/disk")
}
# invert OFFSET [COUNT]: other bytes there in the copy, whatever they were.
invert() {
  python3 - "$scratch/disk" "$1" "${2:-1}" <<'PY'
import sys
with open(sys.argv[1], "r+b") as disk:
    disk.seek(int(sys.argv[2]))
    old = disk.read(int(sys.argv[3]))
    disk.seek(int(sys.argv[2]))
    disk.write(bytes(byte ^ 0xFF for byte in old))
PY
}
# other_partition NUMBER: what another release has in that partition, over the beginning of ours in the copy.
other_partition() {
  local start size
  read -r start size < <(partitions "$(other_release)" | sed -n "s/^$1 //p")
  dd if="$(other_release)" of="$scratch/disk" bs=512 skip="$start" count="$size" seek=$((starts[$1] / 512)) conv=notrunc status=none
}
# table OPTION [ARGUMENT…]: sfdisk's option on the copy, which it must take.
table() { sfdisk --quiet --no-reread --no-tell-kernel --force "$1" "$scratch/disk" "${@:2}" >"$scratch/sfdisk" 2>&1 || { cat "$scratch/sfdisk" >&2; fail "sfdisk $*"; }; }
# resize NUMBER BYTES: the partition that much longer, or shorter; its table is right in every checksum.
resize() { echo ",$((sectors[$1] + $2 / 512))" | table "-N$1"; }
# volume NAME FILE: a disk with one partition of that name.
volume() {
  rm -f "$2"
  truncate -s 4M "$2"
  echo "name=$1" | sfdisk --quiet --label gpt "$2" >/dev/null
}
# unreadable OFFSET: the disk, where the sector at that byte cannot be read.
unreadable() {
  disks=() drives=(-blockdev "driver=file,filename=$disk,read-only=on,node-name=file" -blockdev
    "driver=blkdebug,node-name=disk,read-only=on,image=file,inject-error.0.event=none,inject-error.0.iotype=read,inject-error.0.errno=5,inject-error.0.sector=$(($1 / 512)),inject-error.0.once=off,inject-error.0.immediately=off"
    -device "virtio-blk-pci,drive=disk,rerror=report")
}

how_released() { :; }
how_data_block() { copied && invert $((data + middle + 77)); }
how_super_block() { copied && invert $((data + 1100)); }
how_hash_leaf() { copied && invert $((hashes + ($(value hash_blocks) - 1) * 4096)); }
how_hash_root() { copied && invert "$tree"; }
how_other_root() { copied && other_partition 1; }
how_other_root_and_tree() { how_other_root && other_partition 2; }
how_other_release() { disks=("$(other_release)"); }
how_last_data_block() { copied && invert $((data + ($(value data_blocks) - 1) * 4096 + 4000)); }
how_last_data_block_no_scan() { how_last_data_block && conf_with 's/^scan on/scan off/'; }
how_hash_root_no_scan() { how_hash_root && conf_with 's/^scan on/scan off/'; }
how_read_error() { unreadable $((data + middle)); }
how_read_error_of_tree() { unreadable $((hashes + ($(value hash_blocks) - 1) * 4096)); }
how_truncated() { copied && truncate -s -1M "$scratch/disk"; }
how_no_disk() { disks=(); }
how_duplicate_label() {
  volume data "$scratch/one" && volume data "$scratch/two"
  disks+=("$scratch/one" "$scratch/two")
  conf_with 's|^on_failure|state data /srv/web\non_failure|'
}
how_missing_label() { conf_with 's|^on_failure|state nowhere /srv/web\non_failure|'; }
how_duplicate_partuuid() { copied && table --part-uuid 3 "$(value data_partuuid)"; }
how_primary_gpt() { copied && invert 536; }
how_backup_gpt() { copied && invert $(($(stat -c %s "$disk") - 512 + 24)); }
how_both_gpts() { how_primary_gpt && invert $(($(stat -c %s "$disk") - 512 + 24)); }
how_slack_root() { copied && resize 1 4096; }
how_short_root() { copied && resize 1 -4096; }
how_slack_verity() { copied && resize 2 4096; }
how_verity_super_block() { copied && invert "$hashes" 4096; }
how_second_disk() { disks=("$disk" "$disk"); }
how_other_root_hash() { conf_with "s/^root_hash ./root_hash $(value root_hash | cut -c1 | tr '0-9a-f' '1-9a-f0')/"; }
how_unknown_key() { conf_with 's/^salt/color red\nsalt/'; }
how_old_format() { conf_with 's/^reburst-boot 3/reburst-boot 2/'; }
how_secure_boot_required() { conf_with 's/^secure_boot preferred/secure_boot required/'; }
how_command_line() { append="roothash=$(printf '0%.0s' {1..64}) systemd.verity=no root=/dev/vda3 init=/bin/sh"; }
