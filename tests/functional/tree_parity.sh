#!/bin/bash
# tree_parity.sh quick|all|SET…: for each set of packages, the tree of make_tree() and that of mmdebstrap, made of the same
# .deb files, must be equal but for the table in docs/reference/tree-differences.md.
set -euo pipefail
: "${REBURST:?}" "${REBURST_RECIPES:?}" "${TREE_DRIVER:?}" "${TREE_COMPARE:?}" "${SOURCE:?}" "${WORK:?a folder for downloads}"
umask 022
PATH=$PATH:/usr/sbin:/sbin
# 77: skipped, for ctest.
[ "$(id -u)" = 0 ] || { echo "skipped: tree_parity.sh runs mmdebstrap as root, as the comparison needs the same owners; it was started as $(id -un)" >&2; exit 77; }
export SOURCE_DATE_EPOCH=1767225600

# "?essential" brings apt too. The shipped roles are what reburst makes of their recipes, by name: the Essential packages are among them.
declare -A sets=(
  [mail]="?essential postfix bsd-mailx rsyslog logrotate cron-daemon-common locales"
  [tools]="?essential man-db vim-tiny python3-minimal fontconfig-config fontconfig less nano"
  [access]="?essential openssh-server sudo iputils-ping dbus cron systemd-sysv libpam-systemd unattended-upgrades"
)
case "${1:-quick}" in
  quick) wanted=(base web) ;;
  all) wanted=(mail tools access) ;;
  *) wanted=("$@") ;;
esac
for role in base web; do
  case " ${wanted[*]} " in *" $role "*) sets[$role]=$("$REBURST" resolve "$role" --quiet --cache "$WORK/cache" | cut -d ' ' -f 1) ;; esac
done

work=$WORK/parity
mkdir -p "$work/archives/partial"
: >"$work/status"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/reburst-parity.XXXXXX")
# mmdebstrap mounts proc, sys and dev/shm there while it works.
trap 'rm -rf --one-file-system "$scratch"' EXIT

# The machine's own archive, seen from an empty system; what is downloaded stays for the next run.
apt() {
  apt-get -qq -y -o "Dir::State::status=$work/status" -o "Dir::Cache::archives=$work/archives" -o Debug::NoLocking=1 \
    -o APT::Install-Recommends=false -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@"
}

# Stands for what the image builder itself offers, so that a kernel does not bring initramfs-tools.
make_stand_in() {
  mkdir -p "$scratch/stand-in/DEBIAN"
  printf '%s\n' "Package: initrd-stand-in" "Version: 1" "Architecture: all" "Maintainer: nobody <nobody@example.org>" \
    "Provides: linux-initramfs-tool" "Description: a stand-in" >"$scratch/stand-in/DEBIAN/control"
  dpkg-deb --root-owner-group -Zgzip -b "$scratch/stand-in" "$work/initrd-stand-in_1_all.deb" >/dev/null
}

# download SET: the set's .deb files as links in $scratch/SET/debs, with a Packages file for mmdebstrap.
download() {
  local folder=$scratch/$1/debs uri file size line names
  mapfile -t names < <(tr -s ' ' '\n' <<<"${sets[$1]}")
  mkdir -p "$folder"
  mkdir -p "$scratch/none/partial"
  apt -o "Dir::Cache::archives=$scratch/none" --print-uris install "${names[@]}" "$work/initrd-stand-in_1_all.deb" >"$scratch/$1/uris"
  apt --download-only install "${names[@]}" "$work/initrd-stand-in_1_all.deb" >"$scratch/$1/log" 2>&1 || { cat "$scratch/$1/log" >&2; exit 1; }
  while read -r uri file size line; do
    case "$file" in *.deb) [ ! -e "$work/archives/$file" ] || ln -sf "$work/archives/$file" "$folder/$file" ;; esac
  done <"$scratch/$1/uris"
  ln -sf "$work/initrd-stand-in_1_all.deb" "$folder/"
  for file in "$folder"/*.deb; do
    dpkg-deb -f "$file"
    printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$(basename "$file")" "$(stat -Lc %s "$file")" "$(sha256sum <"$file" | cut -d' ' -f1)"
  done >"$folder/Packages"
}

theirs() {
  local names
  names=$(sed -n 's/^Package: //p' "$scratch/$1/debs/Packages" | paste -sd,)
  mmdebstrap --quiet --mode=root --variant=essential --include="$names" \
    --setup-hook='for d in bin sbin lib lib64; do mkdir -p "$1/usr/$d"; ln -s "usr/$d" "$1/$d"; done' \
    --aptopt='APT::Install-Recommends "false"' --format=directory '' "$scratch/$1/theirs" "deb [trusted=yes] copy:$scratch/$1/debs ./" \
    >"$scratch/$1/theirs.log" 2>&1 || { cat "$scratch/$1/theirs.log" >&2; exit 1; }
}

# skipped SET: what image.exclude spares to unpack changes nothing outside of those folders, but for dpkg's lists and for the
# links of alternatives to manual pages.
skipped() {
  local folders=(bug doc info lintian locale man) folder exclude=()
  for folder in "${folders[@]}"; do exclude+=(--exclude "/usr/share/$folder"); done
  "$TREE_DRIVER" "$scratch/$1/debs" "$scratch/$1/skipped" --normalise --epoch "$SOURCE_DATE_EPOCH" "${exclude[@]}"
  local tree rest=()
  for folder in "${folders[@]}"; do rest+=(-path "./usr/share/$folder" -o); done
  rest+=(-path ./var/lib/dpkg -o -lname '/usr/share/man/*')
  for tree in ours skipped; do
    (cd "$scratch/$1/$tree/root" && find . \( "${rest[@]}" \) -prune -o -printf '%p %y %m %U:%G %l\n' | sort &&
      find . \( "${rest[@]}" \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum) >"$scratch/$1/$tree.list"
  done
  [ "$(find "$scratch/$1/skipped/root/usr/share/man" "$scratch/$1/skipped/root/usr/share/locale" -type f | wc -l)" -eq 0 ] || { echo "manuals or translations were unpacked" >&2; return 1; }
  [ "$(wc -l <"$scratch/$1/ours.list")" -gt 3000 ] || { echo "a list of too little" >&2; return 1; }
  diff "$scratch/$1/ours.list" "$scratch/$1/skipped.list"
}

make_stand_in
failed=0
for set in "${wanted[@]}"; do
  download "$set"
  echo "== $set: $(find "$scratch/$set/debs" -name '*.deb' | wc -l) packages"
  start=$(date +%s.%N)
  theirs "$set"
  middle=$(date +%s.%N)
  "$TREE_DRIVER" "$scratch/$set/debs" "$scratch/$set/ours" --normalise --epoch "$SOURCE_DATE_EPOCH"
  end=$(date +%s.%N)
  awk -v a="$start" -v b="$middle" -v c="$end" 'BEGIN { printf "mmdebstrap %.1f s, make_tree %.1f s\n", b - a, c - b }'
  "$TREE_COMPARE" "$scratch/$set/ours/root" "$scratch/$set/theirs" "$SOURCE/docs/reference/tree-differences.md" || failed=1
  skipped "$set" || failed=1
  [ -n "${KEEP:-}" ] && { rm -rf "$KEEP/$set"; mkdir -p "$KEEP"; mv "$scratch/$set" "$KEEP/"; } || rm -rf "$scratch/$set"
done
exit "$failed"
