#!/usr/bin/env bash
# A release's life: published, promoted, pulled, verified, yanked; the doors; upkeep.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_releases
first=$releases/out/shop/$one
second=$releases/out/shop/$two
raw() { echo "$1"/*.raw; }

step "publish with nothing configured makes development keys, and says so"
cd "$scratch"
expect 0 reburst publish "$first"
says 'warning: no keys were configured: development keys'
says "shop@dev = $one"
[ -f "$keys/keys.json" ] || fail "no keys.json was made"
[ -f "$keys/root.json" ] || fail "no root.json was kept with the keys"
expect 0 reburst publish "$first"
says 'unchanged'

step "a second release; only what changed is written to the chunk store"
expect 0 reburst publish "$second" --json
python3 - "$scratch/out" <<'PY'
import json, sys
told = json.load(open(sys.argv[1]))
assert told["version"] == "20260303T000000Z" and told["channel"] == "dev", told
assert 0 < told["new_bytes"] * 4 < told["total_bytes"], told
assert 0 < told["delta_bytes"] <= told["new_bytes"], told
PY

step "a published release never changes"
cp -r "$second" "$scratch/forged"
echo more >>"$scratch/forged/shop.lock"
(cd "$scratch/forged" && sha256sum $(sed 's/.*  //' SHA256SUMS) >S && mv S SHA256SUMS)
expect 2 reburst publish "$scratch/forged"
says 'is published already, with another "(SHA256SUMS|shop.lock)"'
echo less >>"$scratch/forged/shop.lock"
expect 6 reburst publish "$scratch/forged"
says 'is not the file that SHA256SUMS names'

step "promote, list, show, history"
expect 0 reburst promote shop $one --to stable --reason "tried for a week"
expect 0 reburst list
says "shop@dev +$two +2 releases"
says "shop@stable +$one +1 release$"
expect 0 reburst show shop@stable
says "root hash +$(sed -n 's/.*"root_hash":"\([0-9a-f]*\)".*/\1/p' "$first/manifest.json")"
expect 0 reburst history shop
says "promote +stable +- +-> $one +[0-9a-f]{12} +tried for a week"
says "publish +dev +$one +-> $two +[0-9a-f]{12} +published"
expect 8 reburst promote shop 20250101T000000Z --to stable --reason x
says 'no channel of "shop" has the version'

step "promote to where the channel points already: it says so, and changes nothing"
sha256sum "$registry/metadata"/* >"$scratch/metadata"
expect 0 reburst promote shop $one --to stable --reason again
says "^shop@stable = $one already: nothing was changed$"
expect 0 reburst promote shop $one --to stable --reason again --json
says '"unchanged":true'
expect 0 reburst promote shop $one --to stable --reason again --propose "$scratch/again"
[ ! -e "$scratch/again" ] || fail "nothing was proposed"
sha256sum "$registry/metadata"/* | cmp - "$scratch/metadata"

step "pull from the folder: the very bytes that were built"
expect 0 reburst pull shop@stable --out "$scratch/pulled"
says 'verified'
cmp "$(raw "$first")" "$(raw "$scratch/pulled")"
(cd "$scratch/pulled" && sha256sum --quiet --ignore-missing -c SHA256SUMS)

step "pull over HTTP with the old image as seed: only what changed comes"
serve "$registry"
expect 0 "$REBURST" pull shop@dev --registry "$url" --root "$keys/root.json" --seed "$(raw "$first")" --cache "$scratch/fresh" --out "$scratch/new" --json
cmp "$(raw "$second")" "$(raw "$scratch/new")"
python3 - "$scratch/out" "$(raw "$second")" <<'PY'
import json, os, sys
told = json.load(open(sys.argv[1]))
size = os.path.getsize(sys.argv[2])
assert 0 < told["for_disk"] < told["downloaded"] < size // 100, told
assert told["from_seeds"] == size, told
PY
# The lone image was recognised by its name: its index and the delta came, and no chunk.
grep -q "GET .*shop_$one.caibx" "$scratch/server.log"
grep -q "GET .*shop_$two.from-$one.delta" "$scratch/server.log"
if grep -q 'GET .*cacnk' "$scratch/server.log"; then fail "chunks were fetched beside the delta"; fi
# Kernel, initrd and UKI came out of the disk; what only describes was left out.
if grep -E 'GET .*\.(efi|vmlinuz|initrd|files|spdx.json|cdx.json) ' "$scratch/server.log"; then fail "more was fetched than is needed"; fi
for file in "$second"/*.efi "$second"/*.vmlinuz "$second"/*.initrd; do cmp "$file" "$scratch/new/$(basename "$file")"; done
stop_server

step "with --all everything, and from a seed that nobody knows what it shares, by chunks"
truncate -s 100M "$scratch/nameless"
dd if="$(raw "$first")" of="$scratch/nameless" bs=1M skip=3 conv=notrunc status=none
serve "$registry"
expect 0 "$REBURST" pull shop@dev --registry "$url" --root "$keys/root.json" --all --seed "$scratch/nameless" --cache "$scratch/empty" --out "$scratch/all" --json
cmp "$(raw "$second")" "$(raw "$scratch/all")"
(cd "$scratch/all" && sha256sum --quiet -c SHA256SUMS)
grep -q 'GET .*cacnk' "$scratch/server.log"
if grep -q 'GET .*delta' "$scratch/server.log"; then fail "a delta was fetched for a seed that it does not fit"; fi
python3 - "$scratch/out" <<'PY'
import json, sys
assert json.load(open(sys.argv[1]))["from_seeds"] > 100 << 20, "little was found in the seed"
PY
rm -r "$scratch/all" "$scratch/nameless" "$scratch/empty"
stop_server

step "casync rebuilds it too, whatever it finds in the old image"
index=$(ls "$registry/targets/shop/dev/$two/"*.caibx)
expect 0 timeout 400 casync extract --store="$registry/chunks" --seed="$(raw "$first")" "$index" "$scratch/casync.raw"
cmp "$(raw "$second")" "$scratch/casync.raw"
rm "$scratch/casync.raw"

step "verify: without a network, and every byte counts"
expect 0 reburst verify "$scratch/pulled" --root "$keys/root.json"
says 'is the release that its publisher signed'
expect 0 reburst verify "$(raw "$scratch/pulled")" --root "$keys/root.json"
for file in "$scratch/pulled"/*; do
  [ "$(basename "$file")" != trust.json ] || continue
  cp --preserve=mode "$file" "$scratch/kept"
  printf '\377' | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") / 2)) conv=notrunc status=none
  if ! cmp -s "$file" "$scratch/kept"; then
    expect 6 reburst verify "$scratch/pulled" --root "$keys/root.json"
    says "\"$file\" is not the file of the release: its SHA-256 differs"
  fi
  cp "$scratch/kept" "$file"
done
expect 0 reburst verify "$scratch/pulled" --root "$keys/root.json"
mkdir "$scratch/stranger"
XDG_DATA_HOME=$scratch/stranger expect 0 "$REBURST" key create
XDG_DATA_HOME=$scratch/stranger expect 0 reburst publish "$first" --registry "$scratch/other"
expect 4 reburst verify "$scratch/pulled" --root "$scratch/stranger/reburst/keys/root.json"
expect 6 reburst verify "$scratch/pulled" --root /dev/null
says '"/dev/null"'

step "verify of a file is about that file"
head -c 100000 /dev/urandom >"$scratch/pulled/evil.raw"
expect 6 reburst verify "$scratch/pulled/evil.raw" --root "$keys/root.json"
says '"evil.raw" is no file of shop'
expect 0 reburst verify "$scratch/pulled" --root "$keys/root.json"
says 'note: "evil.raw" lies there too, and is no file of the release'
rm "$scratch/pulled/evil.raw"

step "pull replaces what a pull made, and nothing else"
echo mine >"$scratch/notes"
ln -s "$scratch/elsewhere" "$scratch/link"
cp -r "$scratch/pulled" "$scratch/mixed" && echo mine >"$scratch/mixed/mynotes"
cp -r "$scratch/pulled" "$scratch/named" && echo mine >"$scratch/named/shop_notes.txt"
for out in "$scratch/notes" "$scratch/link" "$scratch/mixed" "$scratch/named" .; do
  expect 2 reburst pull shop@stable --out "$out"
  says 'cannot pull into'
done
grep -qx mine "$scratch/notes"
grep -qx mine "$scratch/mixed/mynotes"
grep -qx mine "$scratch/named/shop_notes.txt"
[ ! -e "$scratch/elsewhere" ] || fail "a link was followed"
rm -r "$scratch/mixed" "$scratch/named" "$scratch/link" "$scratch/notes"
expect 0 reburst pull shop@stable --out "$scratch/pulled/"

step "yank: channels move back, and a pull is refused with the reason"
expect 0 reburst yank shop $two --reason "does not answer"
expect 0 reburst list
says "shop@dev +$one"
expect 0 reburst history shop
says "yank +dev +$two +-> $one +[0-9a-f]{12} +does not answer"
expect 18 reburst pull shop@$two --out "$scratch/gone"
says 'was yanked at .*: does not answer'
[ ! -e "$scratch/gone" ] || fail "a yanked release was installed"
expect 2 reburst publish "$second"
says 'was yanked: does not answer'

step "check sees what any door shows wrongly"
expect 0 reburst registry check
says 'every door shows what the metadata names'
for door in "targets/shop/stable/$one/"*.manifest.json "images/shop/stable/"*.raw "oci/shop/index.json"; do
  file=$(echo "$registry/"$door)
  cp --remove-destination "$file" "$scratch/kept" && cp --remove-destination "$scratch/kept" "$file"
  chmod 644 "$file"
  printf 'X' | dd of="$file" bs=1 seek=$(($(stat -c %s "$file") - 2)) conv=notrunc status=none
  expect 6 reburst registry check
  cp "$scratch/kept" "$file"
done
expect 0 reburst registry check

step "gc: the dry run says what goes, and it goes; what a channel names stays whole"
: >"$registry/metadata/99999999999999999999999999.shop-dev.json" # nobody's; it is no reason to fall over
shown() { (cd "$registry" && find -L . -type f -not -path '*/.*/*' -printf '%P\n' | sort); }
shown >"$scratch/before"
expect 0 reburst registry gc --keep 0 --dry-run --json
cp "$scratch/out" "$scratch/dry"
shown | cmp - "$scratch/before"
expect 0 reburst registry gc --keep 0 --json
shown >"$scratch/after"
python3 - "$scratch/dry" "$scratch/out" "$scratch/before" "$scratch/after" <<'PY'
import json, sys
dry, done = (json.load(open(name)) for name in sys.argv[1:3])
before, after = (set(open(name).read().split()) for name in sys.argv[3:])
assert dry["files"] and dry["releases"] == done["releases"], (dry, done)
# A commit writes metadata of its own, and what it makes old may go with it.
told, gone = set(dry["files"]), {name for name in before - after if not name.startswith("metadata/")}
assert gone and gone <= told, gone - told
assert not told & after, told & after
assert any(name.startswith("oci/") for name in gone) and any(name.startswith("chunks/") for name in gone), gone
PY
rm "$registry/metadata/99999999999999999999999999.shop-dev.json"
expect 0 reburst registry check
rm -rf "$scratch/pulled"
expect 0 reburst pull shop@stable --out "$scratch/pulled"

step "two publishers at once: both succeed, one after the other, or one is told"
expect 0 reburst registry refresh
(reburst promote shop $one --to blue --reason a >"$scratch/a" 2>&1; echo $? >"$scratch/a.status") &
(reburst promote shop $one --to green --reason b >"$scratch/b" 2>&1; echo $? >"$scratch/b.status") &
wait
[ "$(cat "$scratch/a.status" "$scratch/b.status" | tr '\n' ' ')" = "0 0 " ] || { cat "$scratch/a" "$scratch/b"; fail "a publisher failed"; }
expect 0 reburst list
says "shop@blue +$one"
says "shop@green +$one"
expect 0 reburst registry check
