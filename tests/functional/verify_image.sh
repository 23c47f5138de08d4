#!/usr/bin/env bash
# `reburst verify` of a disk that differs from its release says where: partition, file, package. Pulled, built, copied elsewhere, on a block device.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/web_lib.sh"
version=20261101T101112Z
make_web_alone 2026-11-01T10:11:12Z $version
release=$built/out/web/$version
name=web_$version
keys=$XDG_DATA_HOME/reburst/keys
disk=$scratch/disk.raw

flip() { # FILE OFFSET
  python3 - "$1" "$2" <<'PY'
import sys
with open(sys.argv[1], "r+b") as disk:
    disk.seek(int(sys.argv[2]))
    byte = disk.read(1)[0]
    disk.seek(int(sys.argv[2]))
    disk.write(bytes([byte ^ 255]))
PY
}
# The start and the size of partition NUMBER in bytes; of a file of the list: offset, path and package of the largest that a package owns.
partition() { sfdisk -J "$release/$name.raw" | python3 -c "import json, sys; p = json.load(sys.stdin)['partitiontable']['partitions'][$1 - 1]; print(p['$2'] * 512)"; }
read -r offset path package < <(python3 - "$release/$name.files" <<'PY'
import json, sys
files = [json.loads(line) for line in open(sys.argv[1])]
one = max((f for f in files if "offset" in f and "package" in f and "link_to" not in f), key=lambda f: f["size"])
print(one["offset"], one["path"], one["package"])
PY
)
[ -n "$package" ] || fail "the list names no file with a package"

step "what nobody vouches for is not verified, unless somebody names it"
expect 8 reburst verify "$release/$name.raw"
says 'has no trust.json, so nothing vouches for it$'
says 'hint: verify a folder that reburst pull made, or name one that you trust with --release$'
cp --sparse=always "$release/$name.raw" "$disk" && chmod u+w "$disk"
expect 8 reburst verify "$disk" --release "$scratch"
says 'has neither a trust.json nor a manifest.json, so it is no release$'
expect 0 reburst verify "$disk" --release "$release"
says "^\"$disk\" is the disk of web $version\$"
says "note: no publisher's signature was checked: \"$release\" alone says what the disk has to be"

step "a byte of a file: the file, and the package that it is of"
flip "$disk" $((offset + 5000))
expect 6 reburst verify "$disk" --release "$release"
says "\"$disk\" is not the file of the release: its SHA-256 differs"
says "^  where:     the root partition, bytes $((offset + 4096)) to $((offset + 8192)) of the disk\$"
says "^  file:      $path, from its byte 4096 on\$"
says "^  package:   $package\$"
says '^  a boot:    stops when it reads this, and does not come up where the scan is on$'
expect 6 reburst verify "$disk" --release "$release" --json
python3 - "$scratch/err" "$offset" "$path" "$package" <<'PY'
import json, sys
error = [json.loads(line)["error"] for line in open(sys.argv[1]) if line.startswith('{"error"')][0]
assert error["status"] == 6 and error["difference_count"] == 1, error
one = error["differences"][0]
assert (one["part"], one["file"], one["package"], one["file_offset"]) == ("root", sys.argv[3], sys.argv[4], 4096), one
assert one["start"] == int(sys.argv[2]) + 4096 and one["end"] == one["start"] + 4096, one
PY
flip "$disk" $((offset + 5000))

step "everything else of a disk"
differs() { # OFFSET PLACE WHAT BOOT
  flip "$disk" "$1"
  expect 6 reburst verify "$disk" --release "$release"
  says "^  where:     $2, bytes "
  says "^  what:      $3\$"
  says "^  a boot:    $4\$"
  flip "$disk" "$1"
}
differs 520 'the partition table' "the primary table's header" 'finds its partitions all the same'
differs 900000 'between the partitions' 'the gap before the root partition is not all zeros' 'does not read this'
differs $(($(partition 1 start) + 1100)) 'the root partition' 'block 0 of the root file system' '.*'
says "^  file:      none: the file system's own structures\$"
differs $(($(partition 2 start) + 20)) 'the verity partition' "the hash tree's super block" 'does not read this'
differs $(($(partition 2 start) + 4100)) 'the verity partition' 'block 1 of the hash tree' 'stops when it reads what this block covers'
differs $(($(partition 3 start) + $(partition 3 size) / 3)) 'the esp partition' "another boot program than the release's" 'starts it: it needs no signature'
expect 0 reburst verify "$disk" --release "$release"

step "an ESP that somebody mounted: the boot program is still the release's"
printf 'x\n' >"$scratch/note"
mcopy -i "$disk@@$(partition 3 start)" "$scratch/note" ::/NOTE.TXT
expect 6 reburst verify "$disk" --release "$release"
says "^  what:      the FAT file system's own structures\$"
says "^  a boot:    starts the release's boot program all the same\$"
cp --sparse=always "$release/$name.raw" "$disk"

step "a disk that is too short, too long, or another release's"
truncate -s -1M "$disk"
expect 6 reburst verify "$disk" --release "$release"
says 'its length differs'
says '^  what:      it ends here, 1048576 bytes too early$'
says '^  a boot:    finds no partitions, and stops$'
truncate -s +2M "$disk"
expect 6 reburst verify "$disk" --release "$release"
says '^  where:     the partition table, bytes '
says '^  and also:  table \(3 places\), end$'
cp --sparse=always "$release/$name.raw" "$disk"

step "a block device, longer than the image"
if device=$(losetup --find --show "$disk" 2>/dev/null); then
  losetup -d "$device"
  truncate -s +3M "$disk"
  device=$(losetup --find --show "$disk")
  expect 0 reburst verify "$device" --release "$release"
  says "note: \"$device\" is 3145728 bytes longer than the image; they were not looked at"
  flip "$disk" "$offset"
  losetup -d "$device"
  device=$(losetup --find --show "$disk")
  expect 6 reburst verify "$device" --release "$release"
  losetup -d "$device"
  says "^  file:      $path, from its byte 0 on\$"
  cp --sparse=always "$release/$name.raw" "$disk"
else
  echo "  no loop devices here: left out"
fi

step "pulled: the publisher's signature says what the disk has to be"
expect 0 "$REBURST" key create
expect 0 reburst publish "$release" --registry "$scratch/registry"
expect 0 reburst pull web@dev --registry "$scratch/registry" --out "$scratch/pulled"
pulled=$scratch/pulled/$name.raw
expect 0 reburst verify "$pulled"
flip "$pulled" "$offset"
expect 6 reburst verify "$scratch/pulled"
says "\"$pulled\" is not the file of the release: its SHA-256 differs"
says "^  where:     the root partition, bytes $offset to $((offset + 4096)) of the disk\$"
says '^  file:      not known without the release.s file list, which "reburst pull --all" brings$'
expect 0 reburst pull web@dev --registry "$scratch/registry" --out "$scratch/whole" --all
flip "$disk" "$offset"
expect 6 reburst verify "$disk" --release "$scratch/whole"
says "^  file:      $path, from its byte 0 on\$"
says "^  package:   $package\$"
flip "$disk" "$offset"
rm "$scratch/whole/$name.raw"
expect 0 reburst verify "$disk" --release "$scratch/whole"
says "^\"$disk\" is the disk of web $version, as its publisher signed it\$"

step "a manifest that is not the publisher's tells nothing of a disk"
flip "$disk" "$offset"
sed -i 's/"summary":"/"summary":"x/' "$scratch/whole/manifest.json"
expect 6 reburst verify "$disk" --release "$scratch/whole"
if grep -q '^  where:' "$scratch/err"; then fail "a manifest was believed that nobody signed"; fi

step "a manifest that names another measured boot than the image's"
cp --sparse=always "$release/$name.raw" "$disk"
lied=$scratch/lied
lie() { # REGISTER
  rm -rf "$lied" && cp -rl "$release" "$lied"
  python3 - "$lied" "$1" <<'PY'
import hashlib, json, pathlib, sys
folder, register = pathlib.Path(sys.argv[1]), sys.argv[2]
manifest = json.loads((folder / "manifest.json").read_text())
before, manifest["measured_boot"][register] = manifest["measured_boot"][register], "0" * 64
text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
sums = (folder / "SHA256SUMS").read_text()
old = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
assert old in sums
for name, content in {"manifest.json": text, "SHA256SUMS": sums.replace(old, hashlib.sha256(text.encode()).hexdigest())}.items():
    (folder / name).unlink()
    (folder / name).write_text(content)
print(before)
PY
}
for register in 4 11; do
  computed=$(lie pcr$register)
  expect 6 reburst verify "$disk" --release "$lied"
  says "\"$lied/manifest.json\" names a measured boot that is not the image's: after its boot program PCR $register of a TPM holds another value\$"
  says "^  manifest: 0{64}\$"
  says "^  computed: $computed\$"
  says 'hint: tell the publisher: this release is not consistent$'
done
expect 0 reburst publish "$lied" --registry "$scratch/lies"
XDG_STATE_HOME=$scratch/lies.state expect 0 reburst pull web@dev --registry "$scratch/lies" --out "$scratch/lies.pulled"
expect 6 reburst verify "$scratch/lies.pulled"
says "names a measured boot that is not the image's: after its boot program PCR 11 of a TPM"
