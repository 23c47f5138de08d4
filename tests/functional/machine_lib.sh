# Sourced by whoever boots without `reburst`, after something defined cleanup and the folder $scratch: a machine of which the console alone counts.
qemu=
stop_machine() {
  [ -n "$qemu" ] || return 0
  kill "$qemu" 2>/dev/null || true
  wait "$qemu" 2>/dev/null || true
  qemu=
}
trap 'stop_machine; cleanup' EXIT

# What reburst-init says last, whatever it decides; and what the kernel says last.
decided='verified root, handing over|==== reburst ====|end Kernel panic'

# machine UNTIL TYPE WORDS…: boots a machine of QEMU's TYPE ("q35") by emulation until a line of its console matches UNTIL, it ends, or four minutes
# are over. The console is in $scratch/console, without carriage returns; what QEMU itself says in $scratch/qemu.
machine() {
  : >"$scratch/raw-console"
  TMPDIR=$scratch timeout 240 qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -M "$2" -accel tcg -cpu max,-cx16 -smp 2 -m 1024 \
    -serial "file:$scratch/raw-console" "${@:3}" </dev/null >"$scratch/qemu" 2>&1 &
  qemu=$!
  while kill -0 "$qemu" 2>/dev/null && ! grep -aE -- "$1" "$scratch/raw-console" >/dev/null; do sleep 0.1; done
  stop_machine
  tr -d '\r' <"$scratch/raw-console" >"$scratch/console"
}
console_shows() { grep -aE -- "$1" "$scratch/console" >/dev/null || { tail -n 40 "$scratch/console" "$scratch/qemu" >&2; fail "the console does not show: $1"; }; }
console_hides() { ! grep -aE -- "$1" "$scratch/console" >/dev/null || { tail -n 40 "$scratch/console" >&2; fail "the console shows: $1"; }; }

# secure_firmware NVRAM: fills the array `firmware` with the words for OVMF with Secure Boot and a copy of that NVRAM; the TYPE is then $secure_type.
secure_type=q35,smm=on
secure_firmware() {
  cp "$1" "$scratch/vars.fd"
  firmware=(-global driver=cfi.pflash01,property=secure,value=on
    -drive if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd
    -drive "if=pflash,format=raw,unit=1,file=$scratch/vars.fd")
}
