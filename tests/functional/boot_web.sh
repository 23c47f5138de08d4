#!/usr/bin/env bash
# The image boots in QEMU and passes its recipe's tests; a test that must fail does fail.
. "$(dirname "$0")/lib.sh"
folder=$(web_release)

step "the recipe's tests, in the booted image"
before=$(sha256sum <"$folder"/web_*.raw)
expect 0 reburst test "$folder"
cat "$scratch/out"
says ': booted by (kvm|emulation) in [0-9.]+ s$'
says '^  passed +answers$'
[ "$before" = "$(sha256sum <"$folder"/web_*.raw)" ] || fail "the test changed the released disk"

step "the booted clone tells what it is, and how it came up"
cp -a "$folder" "$scratch/release"
python3 - "$scratch/release" <<'PY'
import hashlib, json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
manifest = json.loads((folder / "manifest.json").read_text())
report = (r'^{"format":3,"panic_on_error":(true|false),"role":"web","root_hash":"%s","scan":{"bytes":[0-9]{8,},"microseconds":[0-9]+},'
          r'"secure_boot":"no_efi","steps":\[({"microseconds":[0-9]+,"name":"(start|modules|secure_boot|partitions|ticket|verity|scan|root|volatile|state)"},?){10}\],'
          r'"ticket":"none","tpm":"none","version":"%s"}$') % (manifest["root_hash"], manifest["version"])
manifest["tests"] = [{"name": "report", "command": "grep -cE '%s' /run/reburst/boot.json || cat /run/reburst/boot.json" % report, "stdout": "1"},
                     {"name": "mode", "command": "stat -c '%a %U' /run/reburst/boot.json", "stdout": "644 root"}]
(folder / "manifest.json").write_text(json.dumps(manifest, sort_keys=True, separators=(",", ":")))
lines = [line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text().splitlines()]
(folder / "SHA256SUMS").write_text("".join("%s  %s\n" % (hashlib.sha256((folder / name).read_bytes()).hexdigest(), name) for name in lines))
PY
expect 0 reburst test "$scratch/release"
cat "$scratch/out"
rm -rf "$scratch/release"

step "by the firmware, through the UKI"
expect 0 reburst test "$folder" --firmware
cat "$scratch/out"
says '^  passed +answers$'

step "a guest that takes too long is ended, and its console shown"
# An answer that never comes: the time runs out on the fastest machine. On a slow one the console needs a longer limit to begin.
cp -a "$folder" "$scratch/never"
sed -i 's/"path":"\/","port":80,"status":200/"path":"\/","port":80,"status":418/' "$scratch/never/manifest.json"
(cd "$scratch/never" && mv SHA256SUMS before && cut -c 67- before | xargs sha256sum >SHA256SUMS && rm before)
for limit in 4 20 100; do
  expect 14 reburst test "$scratch/never" --timeout $limit
  says "the console's last lines:"
  ! grep -hE '^  \| .' "$scratch/out" "$scratch/err" >/dev/null || break
done
says '^  \| .'

step "what is not the release is not booted"
cp -a "$folder" "$scratch/release"
disk=$(echo "$scratch/release"/web_*.raw)
printf 'x' | dd of="$disk" bs=1 seek=5000000 conv=notrunc status=none
expect 6 reburst test "$scratch/release"
says "\"$disk\" has the wrong SHA-256$"
truncate -s -512 "$disk"
expect 6 reburst test "$scratch/release"
says "\"$disk\" has the wrong size$"
rm -rf "$scratch/release"

step "a test that fails is reported, with the console's end"
expect 14 reburst test "$scratch/never"
says '418'
says "the console's last lines:"
says '^  \| .+'
