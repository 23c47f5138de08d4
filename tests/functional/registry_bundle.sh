#!/usr/bin/env bash
# A registry in one file: exported, carried, imported without a network and without keys; and what is refused, with the old
# registry left as it was.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_small_releases
first=$releases/out/shop/$one
second=$releases/out/shop/$two
# Every name, link and byte below a folder, but for its lock.
tree() { (cd "$1" && { find . ! -name .lock ! -type d -printf '%p %l\n' | LC_ALL=C sort; find . -type f ! -name .lock -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; } | sha256sum); }

expect 0 reburst publish "$first" --registry "$registry"
expect 0 reburst registry export "$scratch/old.tar" --registry "$registry"
expect 0 reburst publish "$second" --registry "$registry"
expect 0 reburst promote shop $one --to stable --reason "tried for a week" --registry "$registry"
root=$scratch/root.json
cp "$keys/root.json" "$root"

step "export: the same bytes again, fewer than the disks have; a dry run writes nothing"
expect 0 reburst registry export "$scratch/site.tar" --registry "$registry" --dry-run
says '^would export shop@dev, shop@stable: 3 releases'
[ ! -e "$scratch/site.tar" ] || fail "a dry run wrote"
expect 0 reburst registry export "$scratch/site.tar" --registry "$registry"
says '^exported shop@dev, shop@stable: 3 releases'
touch "$registry"/metadata/*.json
expect 0 reburst registry export "$scratch/again.tar" --registry "$registry" --json
cmp "$scratch/site.tar" "$scratch/again.tar"
python3 - "$scratch/out" "$scratch/site.tar" "$second"/*.raw <<'PY'
import json, os, sys, tarfile
told = json.load(open(sys.argv[1]))
assert told["channels"] == ["shop@dev", "shop@stable"] and told["releases"] == 3 and not told["dry_run"], told
with tarfile.open(sys.argv[2]) as tar:
    members = tar.getmembers()
assert sum(m.size for m in members) == told["bytes"], told
assert all(m.isreg() and (m.mtime, m.uid, m.gid, m.uname, m.mode) == (0, 0, 0, "", 0o444) for m in members)
assert not any(m.name.endswith(".raw") for m in members)
assert os.path.getsize(sys.argv[2]) < os.path.getsize(sys.argv[3]), "two releases take more than one disk"
PY
tar -tf "$scratch/site.tar" >"$scratch/names"
[ "$(head -n 1 "$scratch/names")" = bundle.json ]

# From here on, a site without keys.
publisher=$XDG_DATA_HOME
export XDG_DATA_HOME=$scratch/site-data
site=$scratch/site/registry
import() { "$REBURST" registry import "$1" --registry "$site" --root "$root" --cache "$WORK/cache" "${@:2}"; }

step "import: a dry run changes nothing; then the registry that was exported, by every door"
expect 0 import "$scratch/site.tar" --dry-run
says '^verified; would import shop@dev, shop@stable: 3 releases'
[ ! -e "$site" ] || fail "a dry run imported"
expect 0 import "$scratch/site.tar" --json
python3 - "$scratch/out" <<'PY'
import json, sys
told = json.load(open(sys.argv[1]))
assert told["channels"] == ["shop@dev", "shop@stable"] and told["releases"] == 3 and not told["replaced"], told
PY
expect 0 reburst registry check --registry "$site"
says 'every door shows what the metadata names'
for door in targets oci chunks; do
  diff <(cd "$registry/$door" && find . -type f ! -name ".*" ! -name "*.history.jsonl" | sort) <(cd "$site/$door" && find . -type f ! -name ".*" ! -name "*.history.jsonl" | sort)
done
for disk in "$registry"/targets/shop/dev/*/*.raw; do cmp "$disk" "$site/${disk#"$registry"/}"; done
diff -r "$registry/images/shop/dev" "$site/images/shop/dev"
[ "$(stat -c %h "$site"/images/shop/stable/*.raw)" -ge 3 ] || fail "the doors do not share the disk"
[ -z "$(find "$scratch/site" -maxdepth 1 -name '.*importing')" ] || fail "work was left"
serve "$site"
expect 0 reburst pull shop@dev --registry "$url" --root "$root" --out "$scratch/pulled"
cmp "$second"/*.raw "$scratch/pulled"/*.raw
stop_server
expect 0 reburst verify "$scratch/pulled" --root "$root"

step "what a killed export has left goes with the next one, and nothing else does"
mkdir "$scratch/bundles" "$scratch/bundles/.all.tar.reburst-staging-abcdef" "$registry/.staging-abcdef" "$registry/.staging-locked"
for file in .all.tar.reburst-99-0 .all.tar.backup .all.tar.reburst-locked .other.tar.reburst-99-0; do echo x >"$scratch/bundles/$file"; done
exec 8<"$scratch/bundles/.all.tar.reburst-locked" 7<"$registry/.staging-locked"
flock 8 && flock 7
(umask 077 && expect 0 reburst registry export "$scratch/bundles/all.tar" --registry "$registry")
exec 8<&- 7<&-
[ "$(ls -A "$scratch/bundles" | sort | xargs)" = ".all.tar.backup .all.tar.reburst-locked .other.tar.reburst-99-0 all.tar" ] || fail "$(ls -A "$scratch/bundles")"
[ "$(find "$registry" -maxdepth 1 -name '.staging*' -printf '%f ')" = ".staging-locked " ] || fail "$(ls -A "$registry")"
[ "$(stat -c %a "$scratch/bundles/all.tar")" = 600 ] || fail "the bundle has the mode $(stat -c %a "$scratch/bundles/all.tar")"
(umask 022 && expect 0 reburst registry export "$scratch/bundles/all.tar" --registry "$registry")
[ "$(stat -c %a "$scratch/bundles/all.tar")" = 644 ] || fail "the bundle has the mode $(stat -c %a "$scratch/bundles/all.tar")"
XDG_DATA_HOME=$publisher expect 0 reburst registry gc --keep 99 --registry "$registry"
[ -z "$(find "$registry" -maxdepth 1 -name '.staging*')" ] || fail "gc left work of an export"

step "some channels: the rest can be listed, and neither pulled nor published to"
expect 0 reburst registry export "$scratch/stable.tar" shop@stable --registry "$registry"
says '^exported shop@stable: 1 release,'
part=$scratch/part
expect 0 reburst registry import "$scratch/stable.tar" --registry "$part" --root "$root"
expect 0 reburst registry check --registry "$part"
expect 0 reburst pull shop@stable --registry "$part" --root "$root" --out "$scratch/stable"
cmp "$first"/*.raw "$scratch/stable"/*.raw
expect 0 reburst list --registry "$part" --root "$root"
says "shop@dev +$two"
expect 8 "$REBURST" pull shop@dev --registry "$part" --root "$root" --out "$scratch/gone" --cache "$scratch/empty"
[ ! -e "$scratch/gone" ]
tar -tf "$scratch/stable.tar" | grep "$two" >/dev/null && fail "a release of another channel came along"
XDG_DATA_HOME=$publisher expect 2 reburst promote shop $one --to dev --reason x --registry "$part"
says 'holds only some channels of a registry'
XDG_DATA_HOME=$publisher expect 2 reburst registry gc --registry "$part"
says 'holds only some channels of a registry'
expect 0 reburst registry export "$scratch/part.tar" --registry "$part"
cmp "$scratch/stable.tar" "$scratch/part.tar"
expect 8 reburst registry export "$scratch/none.tar" web --registry "$registry"
says 'the registry has no "web"'

step "over a registry that is there: older, other and smaller ones are refused"
before=$(tree "$site")
# refused STATUS PATTERN COMMAND…: and the site is as it was.
refused() {
  expect "$1" "${@:3}"
  says "$2"
  [ "$(tree "$site")" = "$before" ] || fail "the registry changed"
  [ -z "$(find "$scratch/site" -maxdepth 1 -name '.*importing')" ] || fail "work was left"
}
refused 6 'TUF 5\.4\.3.*rollback' import "$scratch/old.tar"
refused 2 'does not have "shop-dev", which ".*" has' import "$scratch/stable.tar"
XDG_DATA_HOME=$scratch/stranger expect 0 reburst publish "$first" --registry "$scratch/other"
expect 0 reburst registry export "$scratch/other.tar" --registry "$scratch/other"
refused 4 'its root is not the one that is trusted' import "$scratch/other.tar"
refused 4 'has another "metadata/1.root.json" than the bundle' \
  reburst registry import "$scratch/other.tar" --registry "$site" --root "$scratch/stranger/reburst/keys/root.json"
mkdir "$scratch/mine" && touch "$scratch/mine/thesis"
expect 2 reburst registry import "$scratch/site.tar" --registry "$scratch/mine" --root "$root"
says 'is there, and is no registry'
[ -e "$scratch/mine/thesis" ]
expect 0 import "$scratch/site.tar"
says 'in place of the registry that was there'
expect 0 reburst registry check --registry "$site"
before=$(tree "$site")

step "expired: neither exported nor imported, and what to do is said"
later() { faketime -f +40d "$@"; }
refused 5 'expired' later "$REBURST" registry import "$scratch/site.tar" --registry "$site" --root "$root"
says 'hint: run reburst registry refresh where the bundle comes from'
expect 5 later "$REBURST" registry export "$scratch/late.tar" --registry "$registry"
says 'sign it again with reburst registry refresh'
[ ! -e "$scratch/late.tar" ]

step "a damaged registry is not exported"
cp -al "$registry" "$scratch/damaged"
file=$(echo "$scratch/damaged/targets/shop/dev/$two/"*.manifest.json)
cp "$file" "$scratch/kept" && rm -f "$file" && sed 's/shop/shpo/' "$scratch/kept" >"$file"
expect 6 reburst registry export "$scratch/bad.tar" --registry "$scratch/damaged"
says 'manifest.json has another SHA-256 than the metadata names'
[ ! -e "$scratch/bad.tar" ]

step "hostile bundles: each refused by name, nothing outside, the registry as before"
cat >"$scratch/forge.py" <<'PY'
# forge.py IN OUT HOW: a bundle that is not what it should be.
import io, sys, tarfile
source, out, how = sys.argv[1:4]
tar = tarfile.open(source)
entries = [(m, tar.extractfile(m).read()) for m in tar.getmembers()]
def member(name, content=b"x", kind=tarfile.REGTYPE, link=""):
    m = tarfile.TarInfo(name)
    m.size, m.type, m.linkname = len(content), kind, link
    return (m, content)
def at(prefix, suffix=""):
    return next(i for i, (m, _) in enumerate(entries) if m.name.startswith(prefix) and m.name.endswith(suffix))
def flip(i):
    m, c = entries[i]
    entries[i] = (m, c[: len(c) // 2] + bytes([c[len(c) // 2] ^ 1]) + c[len(c) // 2 + 1 :])
def resize(i, content):
    m, _ = entries[i]
    m.size = len(content)
    entries[i] = (m, content)
kinds = {"symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE, "device": tarfile.CHRTYPE, "pipe": tarfile.FIFOTYPE, "folder": tarfile.DIRTYPE}
if how in kinds:
    entries.insert(1, member("metadata/1.x.json", b"", kinds[how], "../../../escape"))
elif how == "parent": entries.insert(1, member("metadata/../../../escape"))
elif how == "absolute": entries.insert(1, member("/tmp/reburst-escape"))
elif how == "control": entries.insert(1, member("metadata/a\nb.json"))
elif how == "unknown": entries.insert(1, member("etc/passwd"))
elif how == "hidden": entries.insert(1, member("metadata/.timestamp.json.next"))
elif how == "twice": entries.insert(1, entries[0])
elif how == "order": entries.insert(at("targets/"), entries.pop(at("targets/") + 1))
elif how == "headless": entries.pop(0)
elif how == "stray": entries.insert(at("metadata/timestamp.json"), member("metadata/9.web.json", b"{}"))
elif how == "stray_target": entries.insert(at("targets/"), member("targets/a"))
elif how == "stray_chunk": entries.insert(at("chunks/"), member("chunks/0000/" + "0" * 64 + ".cacnk"))
elif how == "stray_blob": entries.insert(at("oci/", "index.json"), member("oci/shop/blobs/sha256/ff"))
elif how == "no_target": entries.pop(at("targets/", ".manifest.json"))
elif how == "no_chunk": entries.pop(at("chunks/"))
elif how == "no_blob": entries.pop(at("oci/shop/blobs/"))
elif how == "no_root": entries.pop(at("metadata/1.root.json"))
elif how == "long_target": resize(at("targets/", ".manifest.json"), b"x" * 5000000)
elif how == "long_metadata": resize(at("metadata/", "timestamp.json"), b"x" * 11000000)
elif how == "long_chunk": resize(at("chunks/"), b"x" * 5000000)
elif how == "timestamp": flip(at("metadata/timestamp.json"))
elif how == "target": flip(at("targets/", ".manifest.json"))
elif how == "chunk": flip(at("chunks/"))
elif how == "blob": flip(at("oci/shop/blobs/"))
elif how == "index": flip(at("oci/shop/index.json"))
elif how == "sums": flip(at("images/shop/dev/SHA256SUMS"))
elif how == "held": resize(0, entries[0][1].replace(b"shop-dev", b"shop-new"))
else: sys.exit("how?")
with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as made:
    for m, c in entries: made.addfile(m, io.BytesIO(c))
PY
hostile() { # HOW STATUS PATTERN
  python3 "$scratch/forge.py" "$scratch/site.tar" "$scratch/hostile.tar" "$1"
  refused "$2" "$3" import "$scratch/hostile.tar"
}
hostile symlink 6 '"metadata/1.x.json" in it is a symbolic link: only plain files belong there'
hostile hardlink 6 '"metadata/1.x.json" in it is a hard link'
hostile device 6 '"metadata/1.x.json" in it is a device'
hostile pipe 6 '"metadata/1.x.json" in it is a pipe'
hostile folder 6 '"metadata/1.x.json/?" in it is (a folder|no plain path)'
hostile parent 6 '"metadata/\.\./\.\./\.\./escape" in it is no plain path'
hostile absolute 6 '"/tmp/reburst-escape" in it is no plain path'
hostile control 6 'in it is no plain path'
hostile unknown 6 '"etc/passwd" of the bundle: a registry has no such file'
hostile hidden 6 'timestamp.json.next" of the bundle: a registry has no such file'
hostile twice 6 '"bundle.json" of the bundle: it is there twice'
hostile order 6 '"targets/.*" of the bundle: it is out of order'
hostile headless 6 'a bundle begins with bundle.json'
hostile stray 6 'nothing names its "metadata/9.web.json"'
hostile stray_target 6 '"targets/a" of the bundle: the signed metadata does not name it'
hostile stray_chunk 6 'no chunk index of the bundle names it'
hostile stray_blob 6 '"oci/shop/blobs/sha256/ff" of the bundle: (a registry with these channels has no such file|it is out of order)'
hostile no_target 6 'manifest.json" of the bundle: it is not in it'
hostile no_chunk 6 'cacnk" of the bundle: it is not in it'
hostile no_blob 6 'oci'
hostile no_root 6 'root'
hostile long_target 6 'manifest.json" of the bundle: its length is wrong'
hostile long_metadata 6 '"metadata/timestamp.json" of the bundle: its length is wrong'
hostile long_chunk 6 'cacnk" of the bundle: its length is wrong'
hostile timestamp 6 'timestamp'
hostile target 6 'manifest.json" of the bundle: its SHA-256 is wrong'
hostile chunk 6 'chunk'
hostile blob 6 '"oci/shop/blobs/.*" of the bundle: its SHA-256 is wrong'
hostile index 6 'oci/shop|OCI'
hostile sums 6 '"images/shop/dev/SHA256SUMS" of the bundle: it does not name the files of the signed metadata'
hostile held 2 'does not have "shop-dev"'
expect 8 "$REBURST" registry import "$scratch/hostile.tar" --registry "$scratch/new" --root "$root"
says 'the metadata does not have every channel that the bundle names'
[ ! -e "$scratch/new" ]
[ ! -e /tmp/reburst-escape ] && [ ! -e "$scratch/escape" ] && [ ! -e "$scratch/site/escape" ] || fail "something was written outside"
size=$(stat -c %s "$scratch/site.tar")
for cut in 1 511 700 100000 $((size / 2)) $((size - 20000)); do
  head -c "$cut" "$scratch/site.tar" >"$scratch/hostile.tar"
  refused 6 'it is no tar, or is cut short|it is not in it' import "$scratch/hostile.tar"
done
: >"$scratch/hostile.tar"
refused 6 'it is empty' import "$scratch/hostile.tar"
gzip -c "$scratch/old.tar" >"$scratch/hostile.tar"
refused 6 'it is no tar' import "$scratch/hostile.tar"
refused 8 'cannot open' import "$scratch/nothing.tar"
refused 8 'is not a file' import "$scratch"
