#!/usr/bin/env bash
# systemd's stub of Debian 13 appends words that the host puts into SMBIOS to the signed command line, Secure Boot or not: reburst-init refuses to
# go on where it is on, and says so where it is off. That of Debian 12 appends none. Judge: OVMF, and what the machine's console says.
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/machine_lib.sh"
export XDG_DATA_HOME=$scratch/data
words=systemd.mask=nginx.service
"$REBURST" key create --secure-boot --quiet >/dev/null
nvram=$XDG_DATA_HOME/reburst/keys/secure-boot/nvram.fd

# release SUITE-LINE FOLDER: a small role that boots, built there; its disk is $disk
release() {
  cat >"$scratch/shop.yaml" <<YAML
recipe: 1
role: shop
from: base
epoch: 2026-01-02T00:00:00Z
$1
YAML
  reburst build "$scratch/shop.yaml" --quiet --out "$scratch/$2" >/dev/null
  disk=$(ls "$scratch/$2"/shop/*/*.raw)
}

# start NVRAM OPTION…: boots $disk until the machine ends, or its root is verified
start() {
  secure_firmware "$1"
  machine "$decided" "$secure_type" "${firmware[@]}" -drive "if=virtio,format=raw,snapshot=on,file=$disk" "${@:2}"
  cp "$scratch/console" "$scratch/out"
  : >"$scratch/err"
}
smbios=(-smbios "type=11,value=io.systemd.stub.kernel-cmdline-extra=$words")

step "Debian 13, Secure Boot on: without words from the host it boots"
release 'suite: trixie' thirteen
start "$nvram"
says 'reburst: shop .* verified root, handing over'
console_hides 'command line is not the signed one'

step "words from the host are refused"
start "$nvram" "${smbios[@]}"
says '==== reburst: boot refused ===='
says "while     comparing the kernel's command line with the signed one"
says 'expected  "console=tty0 console=ttyS0,115200 panic=30 systemd.import_credentials=no"'
says "found     the same, and then \" $words\""
console_hides 'verified root, handing over'

step "with Secure Boot off they are told, and the machine boots"
start /usr/share/OVMF/OVMF_VARS_4M.fd "${smbios[@]}"
says "WARNING: the kernel's command line is not the signed one: the same, and then \" $words\""
says 'reburst: shop .* verified root, handing over'

step "Debian 12, Secure Boot on: its stub appends nothing"
release '' twelve
start "$nvram" "${smbios[@]}"
says 'reburst: shop .* verified root, handing over'
console_hides 'command line is not the signed one'
