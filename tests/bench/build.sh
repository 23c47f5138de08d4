#!/usr/bin/env bash
# How long a build of `web` takes against mmdebstrap + mkfs.erofs + veritysetup on the very same package files.
#   tests/bench/build.sh [RUNS]      prints medians and ratios; needs root, and the packages mmdebstrap erofs-utils cryptsetup-bin time
# Ends with status 1 when a bar is missed. Cold: the packages are in the cache, nothing else. Unchanged: the same build again.
# Runs alternate, so that a drifting machine drifts for both. Each has folders of its own and nothing is deleted before the end: ext4 searches past
# inodes that were freed a moment ago, which costs whoever runs next more than a second.
set -euo pipefail
runs=${1:-3}
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
reburst=${REBURST:-$here/reburst}

echo "preparing: one build, to have the lock and the packages" >&2
folder=$("$reburst" build web --out "$work/first" --cache "$work/cache" --quiet | tail -n 1)
lock=$folder/web.lock

# The same files as an apt repository in a local folder.
mkdir -p "$work/repo" "$work/times"
python3 - "$lock" "$work/cache/blobs" "$work/repo" "$work/names" <<'P'
import json, os, sys
lock, blobs, repo, names = sys.argv[1:]
chosen = []
for package in json.load(open(lock))["packages"]:
    digest = package["sha256"]
    os.symlink(os.path.join(blobs, digest[:2], digest), os.path.join(repo, os.path.basename(package["path"])))
    if not package.get("build_only"):
        chosen.append(package["name"])
open(names, "w").write(",".join(chosen))
P
# Stands for the initrd that reburst makes itself, so that the kernel does not bring the peers initramfs-tools (11 s of its own).
mkdir -p "$work/stand-in/DEBIAN"
printf '%s\n' "Package: initrd-stand-in" "Version: 1" "Architecture: all" "Maintainer: nobody <nobody@example.org>" \
  "Provides: linux-initramfs-tool" "Description: a stand-in" >"$work/stand-in/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -b "$work/stand-in" "$work/repo/initrd-stand-in_1_all.deb" >/dev/null
(cd "$work/repo" && for f in *.deb; do [ ! -L "$f" ] || cp --reflink=auto --remove-destination "$(readlink "$f")" "$f"; done && dpkg-scanpackages -m . >Packages 2>/dev/null)

# timed NAME COMMAND…: appends "seconds peak-KiB" to $work/times/NAME
timed() {
  local name=$1
  shift
  /usr/bin/time -f '%e %M' -a -o "$work/times/$name" "$@" >"$work/times/$name.log" 2>&1 || { cat "$work/times/$name.log" >&2; exit 1; }
}

cat >"$work/peers.sh" <<P
set -e
mkdir "\$1"
mmdebstrap --quiet --mode=root --variant=essential --include="\$(cat $work/names),initrd-stand-in" \
  --setup-hook='for d in bin sbin lib lib64; do mkdir -p "\$1/usr/\$d"; ln -s "usr/\$d" "\$1/\$d"; done' \
  --aptopt='APT::Install-Recommends "false"' --format=directory '' "\$1/tree" "deb [trusted=yes] copy:$work/repo ./"
mkfs.erofs --quiet -T 0 "\$1/root" "\$1/tree"
veritysetup format "\$1/root" "\$1/verity"
P

for run in $(seq "$runs"); do
  sync
  timed peers bash "$work/peers.sh" "$work/peer$run"
  mkdir "$work/cold$run"
  cp -r --reflink=auto "$work/cache/blobs" "$work/cold$run/"
  sync
  ours=("$reburst" build web --lock "$lock" --offline --quiet --cache "$work/cold$run" --out "$work/out$run")
  timed cold "${ours[@]}"
  timed unchanged "${ours[@]}"
done

median() { sort -n "$work/times/$1" | awk -v column="$2" '{v[NR]=$column} END {print v[int((NR+1)/2)]}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f", a / b}'; }
peak=$(awk '{if ($2 > m) m = $2} END {printf "%.0f", m / 1024}' "$work/times/cold")
peers=$(median peers 1) cold=$(median cold 1) unchanged=$(median unchanged 1)
cat <<R
medians of $runs runs, whole processes, $(nproc) processors
  mmdebstrap + mkfs.erofs + veritysetup   $peers s
  reburst, cold                           $cold s   ratio $(ratio "$cold" "$peers")   bar 0.5
  reburst, unchanged                      $unchanged s   ratio $(ratio "$unchanged" "$peers")   bar 0.02
  peak memory of reburst, cold            $peak MiB   bar 1024 MiB
R
missed=0
bar() { # WHAT VALUE MOST
  awk -v value="$2" -v most="$3" 'BEGIN { exit !(value <= most) }' || { echo "the bar is missed: $1 $2, more than $3" >&2; missed=1; }
}
bar "cold build, ratio" "$(ratio "$cold" "$peers")" 0.5
bar "unchanged build, ratio" "$(ratio "$unchanged" "$peers")" 0.02
bar "peak memory in MiB" "$peak" 1024
exit "$missed"
