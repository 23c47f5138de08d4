#!/usr/bin/env bash
# `registry check`: whatever one door shows otherwise than the metadata names is found, and named.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"

step "two releases in two channels"
cd "$scratch"
tiny_release first $one
tiny_release second $two
expect 0 reburst publish first
expect 0 reburst promote tiny $one --to stable --reason tried
expect 0 reburst publish second
expect 0 reburst registry check
says '^every door shows what the metadata names$'
mv "$registry" whole
# Nothing below writes into a file that is there: each change is a new file under an old name.
restore() { rm -rf "$registry" && cp -al whole "$registry"; }
restore

# finds FILE WHAT…: check ends with status 6 and says each "FILE WHAT" (a pattern); and the registry is whole again.
finds() {
  local file=$1 what
  expect 6 reburst registry check
  for what in "${@:2}"; do says "^  $file $what"; done
  restore
}
# change FILE: another byte near its end, in this file alone and in none of its other names. A signature may have any
# byte there, an X too.
change() {
  local at=$(($(stat -c %s "$1") - 2)) byte=X
  cp --remove-destination "$1" "$scratch/one" && chmod 644 "$scratch/one"
  [ "$(od -An -tx1 -j "$at" -N 1 "$1" | tr -d ' ')" != 58 ] || byte=Y
  printf %s "$byte" | dd of="$scratch/one" bs=1 seek="$at" conv=notrunc status=none
  ! cmp -s "$1" "$scratch/one" || fail "$1 was not changed"
  swap "$1" "$scratch/one"
}
swap() { cp --remove-destination "$2" "$1"; } # FILE OTHER: now FILE has the content of OTHER
at() { # PATTERN: the one file of the registry that fits, as it is named there
  local found=("$registry"/$1)
  [ ${#found[@]} -eq 1 ] && [ -e "${found[0]}" ] || fail "not one file: $1"
  echo "${found[0]#"$registry"/}"
}

step "TUF: each kind of target, damaged, swapped or missing"
for kind in raw efi caibx spdx.json cdx.json provenance.json provenance.dsse.json spdx.dsse.json cyclonedx.dsse.json signature.dsse.json; do
  file=$(at "targets/tiny/dev/$two/*.tiny_$two.$kind")
  change "$registry/$file"
  finds "$file" 'has another SHA-256 than the metadata names'
done
for name in manifest.json SHA256SUMS tiny.lock; do
  file=$(at "targets/tiny/dev/$two/*.$name")
  change "$registry/$file"
  finds "$file" 'has another SHA-256 than the metadata names'
done
file=$(at "targets/tiny/dev/$two/*.raw")
swap "$registry/$file" "$registry/$(at "targets/tiny/dev/$one/*.raw")"
finds "$file" 'has another SHA-256 than the metadata names'
rm "$registry/$file"
finds "$file" 'is not there'
truncate -s 100 "$scratch/short" && swap "$registry/$file" "$scratch/short"
finds "$file" 'has another length than the metadata names'
file=$(at "targets/tiny/stable/*.history.jsonl")
change "$registry/$file"
finds "$file" 'has another SHA-256 than the metadata names'
change "$registry/$file"
finds targets/tiny/stable "\"registry/$file\" is not the history that the metadata names"
rm "$registry/metadata/timestamp.json"
echo '{}' >"$registry/metadata/timestamp.json"
expect 6 reburst registry check
restore

step "OCI: blobs, tags and referrers"
expect 0 reburst show tiny@stable --json
subject=$(sed -n 's/.*"oci":"sha256:\([0-9a-f]*\)".*/\1/p' "$scratch/out")
blobs=oci/tiny/blobs/sha256
change "$registry/$blobs/$subject"
finds oci/tiny 'cannot accept'
change "$registry/$blobs/$(sha256sum <first/tiny_$one.raw | cut -d' ' -f1)"
finds oci/tiny "cannot accept the OCI layout .*has the wrong SHA-256"
rm "$registry/$blobs/$(sha256sum <first/tiny_$one.efi | cut -d' ' -f1)"
finds oci/tiny 'cannot '
rm -r "$registry/oci/tiny"
finds oci/tiny 'cannot '
# edit PYTHON: the index as `index`, its entries by tag as `tags`; blobs are written with put(text).
edit() {
  python3 - "$registry/oci/tiny" "$subject" $one $two "$1" <<'P'
import copy, hashlib, json, pathlib, sys
layout, subject, one, two, code = pathlib.Path(sys.argv[1]), *sys.argv[2:]
name = "org.opencontainers.image.ref.name"
index = json.loads((layout / "index.json").read_text())
tags = {entry["annotations"][name]: entry for entry in index["manifests"] if name in entry.get("annotations", {})}
def blob(entry): return json.loads((layout / "blobs/sha256" / entry["digest"][7:]).read_text())
def put(value, entry):
    text = json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n"
    entry["digest"], entry["size"] = "sha256:" + hashlib.sha256(text.encode()).hexdigest(), len(text)
    (layout / "blobs/sha256" / entry["digest"][7:]).write_text(text)
exec(code)
index["manifests"] = sorted(tags.values(), key=lambda entry: entry["annotations"][name])
(layout / "index.json").unlink()
(layout / "index.json").write_text(json.dumps(index, sort_keys=True, separators=(",", ":")) + "\n")
P
}
tag_swap='
for key in ("digest", "size"): tags[A][key], tags[B][key] = tags[B][key], tags[A][key]'
edit "A, B = one, two$tag_swap"
finds oci/tiny/index.json "gives the tag \"$one\" to another manifest than the metadata names" "gives the tag \"$two\" to another manifest"
edit 'A, B = "dev", "stable"'"$tag_swap"
finds oci/tiny/index.json 'gives the tag "dev" to another' 'gives the tag "stable" to another'
edit 'del tags["stable"]'
finds oci/tiny/index.json 'lacks the tag "stable" that the metadata names'
edit 'tags["latest"] = copy.deepcopy(tags["dev"]); tags["latest"]["annotations"][name] = "latest"'
finds oci/tiny/index.json 'has the tag "latest", which the metadata does not name'
prefix='s = "sha256-" + subject; '
edit "$prefix"'A, B = s + ".spdx", s + ".provenance"'"$tag_swap"
finds "$blobs/$subject" "has another spdx under the tag \"sha256-$subject.spdx\" than the metadata names" 'has another provenance under'
edit "$prefix"'f = blob(tags[s]); gone = f["manifests"].pop(); put(f, tags[s])
tags = {tag: entry for tag, entry in tags.items() if entry["digest"] != gone["digest"]}'
finds "$blobs/$subject" "has another [a-z]* under the tag" "does not list its [a-z]* in the index \"sha256-$subject\""
# A referrer that nobody published, well-formed and listed.
edit "$prefix"'f = blob(tags[s]); e = copy.deepcopy(f["manifests"][0]); m = blob(e); m["annotations"]["note"] = "mine"
put(m, e); e["annotations"] = m["annotations"]; f["manifests"].append(e); put(f, tags[s])
t = copy.deepcopy(e); t["annotations"] = {name: s + ".more"}; tags[s + ".more"] = t'
finds "$blobs/$subject" "has the referrer \"sha256-$subject.more\", which the metadata does not name" 'lists the referrer "sha256:[0-9a-f]*", which'
# The same bundle around another envelope: everything in the layout fits, but not what the targets say.
edit "$prefix"'f = blob(tags[s]); tag = s + ".signature"
e = next(e for e in f["manifests"] if e["digest"] == tags[tag]["digest"]); m = blob(e); layer = m["layers"][0]; b = blob(layer)
b["dsseEnvelope"]["signatures"][0]["sig"] = b["dsseEnvelope"]["signatures"][0]["sig"][:-8] + "AAAAAA=="
put(b, layer); put(m, e); put(f, tags[s]); tags[tag]["digest"], tags[tag]["size"] = e["digest"], e["size"]'
finds "$blobs/$subject" "has another signature under the tag \"sha256-$subject.signature\" than the metadata names"
cp -r "$registry/oci/tiny" "$registry/oci/ghost"
finds oci/ghost 'is shown, and the metadata does not name it'

step "OCI: whatever entry index.json has lost is found, and named again by refresh or gc"
entries=$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["manifests"]))' "$registry/oci/tiny/index.json")
[ "$entries" -eq 14 ] || fail "$entries entries"
lose() { # REGEX: what is not in the index any more
  python3 - "$registry/oci/tiny/index.json" "$1" <<'P'
import json, pathlib, re, sys
path, what = pathlib.Path(sys.argv[1]), sys.argv[2]
index = json.loads(path.read_text())
kept = [e for i, e in enumerate(index["manifests"]) if not re.fullmatch(what, str(i)) and not re.fullmatch(what, e.get("annotations", {}).get("org.opencontainers.image.ref.name", ""))]
assert len(kept) < len(index["manifests"]), what
index["manifests"] = kept
path.unlink()
path.write_text(json.dumps(index))
P
}
mended() { # by COMMAND
  expect 6 reburst registry check
  expect 0 reburst registry "$@"
  expect 0 reburst registry check
  restore
}
for entry in $(seq 0 $((entries - 1))); do
  lose "$entry"
  if [ $((entry % 2)) -eq 0 ]; then mended refresh; else mended gc; fi
done
lose "$one|stable"
mended refresh
lose "sha256-$subject.*|$one|stable"
mended gc
lose '.*'
mended gc
rm "$registry/oci/tiny/index.json"
mended refresh
lose "$one|stable"
rm "$registry/$blobs/$subject"
expect 8 reburst registry refresh
says "has no manifest sha256:$subject"
expect 0 reburst registry gc
says "warning: .*oci/tiny/index.json"
restore

step "OCI: a release that is held and yanked is not lost, nor what is said of it"
expect 0 reburst registry hold tiny $two --reason audit
expect 0 reburst yank tiny $two --reason broken
expect 0 reburst registry gc
expect 0 reburst registry check
held=$(grep -lE "image.version\":\"$two" "$registry/$blobs"/* | xargs -n1 basename | head -n 1)
mv "$registry" held-registry
hold_again() { rm -rf "$registry" && cp -al held-registry "$registry"; }
hold_again
grep -c "$held" "$registry/oci/tiny/index.json" >/dev/null || fail "it is not there"
python3 - "$registry/oci/tiny/index.json" "$held" <<'P'
import json, pathlib, sys
path = pathlib.Path(sys.argv[1])
index = json.loads(path.read_text())
index["manifests"] = [e for e in index["manifests"] if e["digest"] != "sha256:" + sys.argv[2]]
path.unlink()
path.write_text(json.dumps(index))
P
expect 6 reburst registry check
says "^  oci/tiny/index.json lists no \"tiny\" $two, which is held"
expect 0 reburst registry gc
says 'warning: .*oci/tiny/index.json'
[ -e "$registry/$blobs/$held" ] || fail "gc took what is held"
hold_again
lose "sha256-$held.spdx"
expect 6 reburst registry check
hold_again
lose "sha256-$held.*"
expect 6 reburst registry check
says "lacks the tag \"sha256-$held.spdx\" of a release that is held"
restore

step "images: the disks, SHA256SUMS, its signature, and what should not be there"
dev=images/tiny/dev
change "$registry/$dev/tiny_$two.raw"
finds "$dev/tiny_$two.raw" 'is not the file that the metadata names'
swap "$registry/$dev/tiny_$two.efi" "$registry/$dev/tiny_$one.efi"
finds "$dev/tiny_$two.efi" 'is not the file that the metadata names'
rm "$registry/$dev/tiny_$one.raw"
finds "$dev/tiny_$one.raw" 'is not there'
sed -i "/tiny_$one.raw/d" "$registry/$dev/SHA256SUMS"
finds "$dev/SHA256SUMS" "does not name the \"tiny_$one.raw\" of the metadata"
sed -i "s/tiny_$one.raw/tiny_$one.old/" "$registry/$dev/SHA256SUMS"
finds "$dev/SHA256SUMS" "names the \"tiny_$one.old\", which the metadata does not"
change "$registry/$dev/SHA256SUMS.gpg"
finds "$dev/SHA256SUMS.gpg" "is not the publisher's signature of SHA256SUMS"
swap "$registry/$dev/SHA256SUMS.gpg" "$registry/images/tiny/stable/SHA256SUMS.gpg"
finds "$dev/SHA256SUMS.gpg" "is not the publisher's signature of SHA256SUMS"
rm "$registry/$dev/SHA256SUMS.gpg"
finds "$dev/SHA256SUMS.gpg" 'is not there'
day=$(cd "$registry/$dev" && echo BEST-BEFORE-*)
rm "$registry/$dev/$day"
finds "$dev/$day" 'is not there'
mv "$registry/$dev/$day" "$registry/$dev/BEST-BEFORE-2099-01-01"
finds "$dev/BEST-BEFORE-2099-01-01" 'is shown, and the metadata does not name it'
ln -sfn "$(readlink "$registry/images/tiny/stable")" "$registry/$dev" # the channel shows another channel's folder
finds "$dev/SHA256SUMS" "does not name the \"tiny_$two.raw\" of the metadata"
rm "$registry/$dev"
finds "$dev" 'is not there'
cp -r "$registry/images/tiny/.dev-"* "$registry/images/tiny/beta"
finds images/tiny/beta 'is shown, and the metadata does not name it'

step "chunks: damaged, swapped, missing"
mapfile -t chunks < <(cd "$registry" && find chunks -name '*.cacnk' -size +10k | sort)
id=$(basename "${chunks[5]}" .cacnk)
change "$registry/${chunks[5]}"
finds chunks ".*$id"
swap "$registry/${chunks[5]}" "$registry/${chunks[6]}"
finds chunks ".*$id"
rm "$registry/${chunks[5]}"
finds chunks ".*$id"
expect 0 reburst registry check

step "metadata that is signed, and does not fit"
lie() { python3 "$SOURCE/tests/support/registry/lie.py" "$registry" "$keys" "$1" "v = \"tiny/${1#*-}/$two/\"; o = \"tiny/${1#*-}/$one/\"
one, two = \"$one\", \"$two\"
def custom(version, **members):
    for path in targets:
        if version in path: targets[path][\"custom\"].update(members)
$2"; }
lie tiny-dev 'pass'
expect 0 reburst registry check
restore
folder=targets/tiny/dev/$two
anything="[0-9a-f]{64}"
lie tiny-dev 'custom(two, root_hash="0" * 64)'
finds "$folder/$anything.manifest.json" 'names another root hash than its targets'
lie tiny-dev 'custom(two, root_hash="0" * 64)'
finds "$folder/$anything.tiny_$two.raw" 'has another root hash than the metadata names'
lie tiny-dev 'custom(two, architecture="arm64")'
finds "$folder/$anything.manifest.json" 'is of another release than its targets say'
lie tiny-dev 'custom(two, chunk_index="0" * 64)'
finds "$folder/$anything.tiny_$two.caibx" 'is not the index that "chunk_index" names'
lie tiny-dev 'put(v + f"tiny_{two}.caibx", get(o + f"tiny_{one}.caibx")); custom(two, chunk_index=targets[v + f"tiny_{two}.caibx"]["hashes"]["sha256"])'
finds "$folder/$anything.tiny_$two.caibx" "is not the index of the disk \"tiny_$two.raw\""
lie tiny-dev 'custom(two, oci=targets[o + "manifest.json"]["custom"]["oci"])'
finds oci/tiny/index.json "gives the tag \"$two\" to another manifest than the metadata names"
lie tiny-dev 'custom(two, oci=targets[o + "manifest.json"]["custom"]["oci"])'
finds "$folder/$anything.tiny_$two.signature.dsse.json" 'is about another "tiny" than the metadata names'
lie tiny-dev 'put(v + f"tiny_{two}.efi", b"another")'
finds "$folder/$anything.manifest.json" "names another \"tiny_$two.efi\" than its targets"
lie tiny-dev 'put(v + f"tiny_{two}.efi", b"another")'
finds "$folder/$anything.SHA256SUMS" "names another \"tiny_$two.efi\" than its targets"
lie tiny-dev 'put(v + f"tiny_{two}.efi", b"another")'
finds "$folder/$anything.tiny_$two.spdx.dsse.json" "is about another \"tiny_$two.efi\" than the metadata names"
lie tiny-dev 'put(v + "tiny.lock", b"another")'
finds "$blobs/$anything" 'has another "tiny.lock" than the metadata names'
lie tiny-dev 'del targets[v + "tiny.lock"]'
finds "$blobs/$anything" 'has the layer "tiny.lock", which the metadata does not name'
for name in manifest.json SHA256SUMS; do
  lie tiny-dev "del targets[v + \"$name\"]"
  finds "$folder/$name" 'is not among the targets'
done
for name in provenance spdx cyclonedx signature; do
  lie tiny-dev "put(v + f\"tiny_{two}.$name.dsse.json\", get(o + f\"tiny_{one}.$name.dsse.json\"))"
  finds "$folder/$anything.tiny_$two.$name.dsse.json" 'is about another "[a-zA-Z0-9._]*" than the metadata names'
done
lie tiny-dev 'path = v + f"tiny_{two}.spdx.dsse.json"; e = json.loads(get(path)); e["signatures"][0]["sig"] = e["signatures"][0]["sig"][:-8] + "AAAAAA=="; put(path, json.dumps(e).encode())'
finds "$folder/$anything.tiny_$two.spdx.dsse.json" .
lie tiny-dev 'del targets[v + f"tiny_{two}.spdx.dsse.json"]'
finds "$blobs/$anything" 'has the referrer "sha256-[0-9a-f]*.spdx", which the metadata does not name'
lie tiny-stable 'custom(one, root_hash="0" * 64)'
finds "targets/tiny/stable/$one" 'is another release than the channel "dev" has under that version'
lie tiny-dev 'targets = body["targets"] = {path: target for path, target in targets.items() if two not in path}'
finds targets/tiny/dev "points to \"$two\", which the metadata does not name"
