#!/usr/bin/env bash
# A tampered release never runs: tamper/cases.tsv says what is done, and what comes of it. QEMU ends with status 0 on success and on panic, so
# only the console tells.
#   tamper.sh [short | long | CASE…]     the rows of the short list, all others, or those named
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/web_lib.sh"
. "$(dirname "$0")/tamper/direct.sh"
[ $# -gt 0 ] || set -- short
cases=$(dirname "$0")/tamper/cases.tsv
# Small releases of the role: what is shown here is over before systemd would start.
make_web_alone 2026-11-21T16:10:27Z 20261121T161027Z
folder=$built/out/web/20261121T161027Z
disk=$(echo "$folder"/*.raw)
# The manifest is canonical JSON: one line, keys sorted.
artifact() { grep -o "\"kind\":\"$1\",\"name\":\"[^\"]*" "$folder/manifest.json" | sed 's/.*"//'; }
kernel=$folder/$(artifact kernel)
released_initrd=$folder/$(artifact initrd)
(cd "$scratch" && cpio -i --quiet boot.conf) <"$released_initrd"
conf=$scratch/boot.conf
value() { sed -n "s/^$1 //p" "$conf"; }
# The disk of another release of the role.
other_release() {
  make_web_alone 2026-11-01T10:11:12Z 20261101T101112Z
  echo "$built/out/web/20261101T101112Z"/*.raw
}
# partitions DISK: number, first sector and sectors of each.
partitions() { sfdisk --dump "$1" | sed -nE 's/^[^ ]*[^0-9 ]([0-9]+) : start= *([0-9]+), size= *([0-9]+),.*/\1 \2 \3/p'; }
qemu=
# What may have ended by itself meanwhile is no fault, here and in boot().
trap '[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true; cleanup' EXIT

# Partition N begins at byte starts[N] and has sectors[N] sectors.
starts=() sectors=()
while read -r number start size; do starts[number]=$((start * 512)) sectors[number]=$size; done < <(partitions "$disk")
data=${starts[1]}
hashes=${starts[2]}
tree=$((hashes + $(value hash_start) * 4096))
middle=$(($(value data_blocks) / 2 * 4096))
last=$((($(value data_blocks) - 1) * 4096))

# boot: until QEMU ends by itself, or the console shows what decides.
boot() {
  local each
  for each in "${disks[@]}"; do drives+=(-drive "if=virtio,format=raw,snapshot=on,file=$each"); done
  : >"$scratch/console"
  TMPDIR=$scratch timeout 300 qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -M q35 -accel tcg \
    -cpu max,-cx16 -smp 2 -m 768 -serial "file:$scratch/console" -kernel "$kernel" -initrd "$initrd" \
    -append "console=ttyS0 panic=-1 $append" "${drives[@]}" </dev/null >"$scratch/qemu" 2>&1 &
  qemu=$!
  while kill -0 "$qemu" 2>/dev/null; do
    ! grep -qE 'verified root, handing over|reburst ====|end Kernel panic' "$scratch/console" || kill "$qemu" 2>/dev/null || true
    sleep 0.1
  done
  wait "$qemu" || true  # killed or not: what counts is the console
  qemu=
}
shows() { grep -qE -- "$1" "$scratch/console" || { tail -n 40 "$scratch/console" "$scratch/qemu" >&2; fail "$case: the console does not show: $1"; }; }
shows_not() { ! grep -qE -- "$1" "$scratch/console" || { tail -n 40 "$scratch/console" >&2; fail "$case: the console shows: $1"; }; }

judge() { # OUTCOME PATTERN
  local pattern=${2//@LASTBYTE@/$last}
  pattern=${pattern//@MIDDLE@/$middle}
  case $1 in
    boots) shows "reburst: web $(value version) $(value root_hash) verified root, handing over" ;;
    refused)
      shows '==== reburst: boot refused ===='
      shows '^  do        .'
      shows_not 'handing over|Kernel panic'
      ;;
    panics)
      shows 'Kernel panic - not syncing: dm-verity device corrupted'
      shows_not 'handing over'
      ;;
    *) fail "$case: there is no outcome \"$1\"" ;;
  esac
  shows "$pattern"
}

run() { # NAME OUTCOME PATTERN WHAT
  case=$1
  initrd=$released_initrd disks=("$disk") drives=() append=
  "how_${case//-/_}"
  local before=$SECONDS
  boot
  judge "$2" "$3"
  step "$case: $4: $2 ($((SECONDS - before)) s)"
}

before=$(sha256sum <"$disk")
ran=0
while IFS=$'\t' read -r _ name list outcome pattern what _ <&3; do
  case $name in '' | \#*) continue ;; esac
  for wanted in "$@"; do
    [ "$wanted" = "$list" ] || [ "$wanted" = "$name" ] || continue
    run "$name" "$outcome" "$pattern" "$what"
    ran=$((ran + 1))
    break
  done
done 3< <(grep -v '^#' "$cases")
[ "$ran" -gt 0 ] || fail "no case is called: $*"
[ "$before" = "$(sha256sum <"$disk")" ] || fail "a case changed the released disk"
