#!/usr/bin/env bash
# From the kernel's start to systemd, in guest time: reburst-init against Debian's own initramfs (initramfs-tools with systemd-veritysetup) on the same
# disk, kernel and emulator; then what verification costs by itself, and how fast the scan is beside `openssl speed`.
#   tests/bench/boot.sh [RUNS]      prints medians and ratios; needs root, and the packages mmdebstrap qemu-system-x86 cpio python3
# Ends with status 1 when a bar is missed. Runs alternate. The first comparison is without the scan, which Debian's initramfs has not.
set -euo pipefail
runs=${1:-3}
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
scratch=$work
cleanup() { rm -rf "$work"; }
fail() { echo "$*" >&2; exit 1; }
# shellcheck source=tests/functional/machine_lib.sh
. "$here/tests/functional/machine_lib.sh"
reburst=${REBURST:-$here/reburst}
common=(--cache "${CACHE:-$work/cache}" --quiet)

echo "preparing: an image" >&2
cat >"$work/bench.yaml" <<'R'
recipe: 1
role: bench
from: web
packages: {install: [openssl]}
tests:
  # What they find is wanted, so they find what nobody expects.
  - {name: report, command: "cat /run/reburst/boot.json", stdout: "the report"}
  - {name: speed, command: "openssl speed -seconds 2 -bytes 4096 -mr sha256 2>/dev/null", stdout: "a number"}
R
release=$("$reburst" build "$work/bench.yaml" --recipes "$here/recipes" "${common[@]}" --out "$work/out" | tail -n 1)
disk=$(echo "$release"/*.raw) kernel=$(echo "$release"/*.vmlinuz)
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$release/manifest.json" "$1"; }
version=$(field kernel)
mkdir "$work/conf"
(cd "$work/conf" && cpio -i --quiet boot.conf) <"$(echo "$release"/*.initrd)"
value() { sed -n "s/^$1 //p" "$work/conf/boot.conf"; }
cp "$release"/*.initrd "$work/scan.img"
cp "$work/scan.img" "$work/ours.img"
mkdir "$work/changed"
sed 's/^scan on/scan off/' "$work/conf/boot.conf" >"$work/changed/boot.conf"
(cd "$work/changed" && echo boot.conf | cpio -o --quiet -H newc) >>"$work/ours.img"

echo "preparing: Debian's initramfs for $version" >&2
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
mmdebstrap --quiet --variant=minbase --include="initramfs-tools,linux-image-$version,systemd,cryptsetup-bin,zstd" "$suite" "$work/debian" \
  >"$work/mmdebstrap" 2>&1 || { cat "$work/mmdebstrap" >&2; exit 1; }
cat >"$work/debian/etc/initramfs-tools/hooks/verity" <<'H'
#!/bin/sh
[ "$1" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
copy_exec /lib/systemd/systemd-veritysetup
manual_add_modules dm_verity erofs
H
cat >"$work/debian/etc/initramfs-tools/scripts/local-top/verity" <<H
#!/bin/sh
[ "\$1" != prereqs ] || exit 0
modprobe dm_verity
udevadm settle
/lib/systemd/systemd-veritysetup attach root /dev/disk/by-partuuid/$(value data_partuuid) /dev/disk/by-partuuid/$(value hash_partuuid) $(value root_hash)
H
chmod +x "$work"/debian/etc/initramfs-tools/{hooks,scripts/local-top}/verity
chroot "$work/debian" mkinitramfs -o /boot/bench.img "$version" >"$work/mkinitramfs" 2>&1 || { cat "$work/mkinitramfs" >&2; exit 1; }
cp "$work/debian/boot/bench.img" "$work/theirs.img"

# boots NAME WORDS…: adds to times/NAME when, in the kernel's own time, process 1 became systemd. The kernel says so by the way: TOMOYO looks at
# the first start of /sbin/init.
mkdir "$work/times"
boots() {
  local name=$1 systemd='Not activating Mandatory Access Control'
  machine "$systemd" q35 -kernel "$kernel" -initrd "$work/$name.img" -append "console=ttyS0 panic=-1 systemd.import_credentials=no ${*:2}" \
    -drive "if=virtio,format=raw,snapshot=on,file=$disk"
  console_shows "$systemd"
  sed -nE 's/^\[ *([0-9.]+)\] Not activating Mandatory Access Control.*/\1/p' "$work/console" | head -n 1 >"$work/time"
  cat "$work/time" >>"$work/times/$name"
}
for _ in $(seq "$runs"); do
  boots theirs root=/dev/mapper/root rootfstype=erofs ro
  boots ours
  boots scan
  # Its tests fail by design; what they found is in the report.
  "$reburst" test "$release" "${common[@]}" --json >"$work/tests.json" 2>/dev/null || true
  python3 - "$work/tests.json" "$work/times" <<'P'
import json, re, sys
tests = {test["name"]: test["detail"] for test in json.load(open(sys.argv[1]))["tests"]}
report = json.loads(re.search(r"\{.*\}", tests["report"]).group())
step = {each["name"]: each["microseconds"] for each in report["steps"]}
speed = float(re.search(r"sha256:([0-9.]+)", tests["speed"]).group(1))
with open(sys.argv[2] + "/own", "a") as out:
    print((step["root"] - step["modules"] - (step["scan"] - step["verity"])) / 1000, file=out)
with open(sys.argv[2] + "/speed", "a") as out:
    print(report["scan"]["bytes"] / report["scan"]["microseconds"] * 1e6 / speed, file=out)
P
done

median() { sort -g "$work/times/$1" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f", a / b}'; }
theirs=$(median theirs) ours=$(median ours)
cat <<R
medians of $runs runs, guest time under emulation, 2 processors
  Debian's initramfs with systemd-veritysetup, to systemd   $theirs s
  reburst-init, to systemd                                  $ours s   ratio $(ratio "$ours" "$theirs")   bar 0.333
  the same with the scan of $(($(value data_blocks) * 4096)) bytes           $(median scan) s
  what verification takes of that, without the scan         $(median own) ms   bar 50
  scan, of openssl speed sha256 on one processor            $(median speed)
R
missed=0
bar() { # WHAT VALUE MOST
  awk -v value="$2" -v most="$3" 'BEGIN { exit !(value <= most) }' || { echo "the bar is missed: $1 $2, more than $3" >&2; missed=1; }
}
bar "time to systemd, ratio" "$(ratio "$ours" "$theirs")" 0.333
bar "verification in ms" "$(median own)" 50
exit "$missed"
