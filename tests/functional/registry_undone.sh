#!/usr/bin/env bash
# A publication that is refused leaves nothing, and what one that was killed leaves goes with gc.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
cd "$scratch"
for each in "$one" "$two"; do tiny_release "$each" "$each"; done
# Of another role, with a provenance that is none; its sums are right.
python3 "$SOURCE/tests/support/release/small_release.py" malformed other "$one" one
echo 'no provenance' >"malformed/other_$one.provenance.json"
python3 - "$one" <<'PY'
import hashlib, json, pathlib, sys
folder, name = pathlib.Path("malformed"), f"other_{sys.argv[1]}.provenance.json"
content = (folder / name).read_bytes()
manifest = json.loads((folder / "manifest.json").read_text())
for one in manifest["artifacts"]:
    if one["name"] == name:
        one["sha256"], one["size"] = hashlib.sha256(content).hexdigest(), len(content)
(folder / "manifest.json").write_text(json.dumps(manifest))
names = [line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()]
(folder / "SHA256SUMS").write_text("".join(f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names))
PY
contents() { (cd "$1" && find . -printf '%p %y %m %l\n' | sort && find . -type f -print0 | sort -z | xargs -0 -r sha256sum); }
expect 0 "$REBURST" key create
early=(faketime -f -3d "$REBURST")

step "a new registry: neither it nor the folders above it stay"
expect 4 "${early[@]}" publish "$one" --registry some/where/registry --cache "$WORK/cache"
says 'cannot sign with ".*/openpgp.key" at .*: the key was made later than that'
says 'set this machine.s clock right'
[ ! -e some ] || fail "a refused publication left $(find some)"
mkdir empty
expect 4 "${early[@]}" publish "$one" --registry empty --cache "$WORK/cache"
[ -z "$(ls -A empty)" ] || fail "a refused publication left $(find empty)"
expect 6 reburst publish malformed --registry some/where/registry
says 'provenance'
[ ! -e some ] || fail "a refused publication left $(find some)"

step "a new role in a registry that is there: no door, and no folder of one"
expect 0 reburst publish "$one"
contents "$registry" >before
expect 6 reburst publish malformed
contents "$registry" | grep -v ' chunks/\| \./chunks/\|^\./chunks/' | diff <(grep -v ' \./chunks/\|^\./chunks/' before) - || fail "a refused publication left something"
expect 0 reburst registry check
expect 0 reburst registry gc
contents "$registry" | diff before - || fail "gc left something"

step "another version of a role: what stays no door shows, and gc takes it"
expect 4 "${early[@]}" publish "$two" --cache "$WORK/cache"
expect 0 reburst registry check
expect 0 reburst registry gc
contents "$registry" | grep -v '/oci/tiny/index.json' >after
grep -v '/oci/tiny/index.json' before | diff - after || fail "gc left something"
expect 0 reburst registry check

step "what a kill leaves of a new role: gc takes it"
expect 0 reburst publish "$two" --registry killed
for folder in oci images; do cp -a "killed/$folder/tiny" "$registry/$folder/stranger"; done
cp -a "$registry/images/tiny/dev" "$registry/images/tiny/nobody"
cp -aT "$registry/images/tiny/$(readlink "$registry/images/tiny/dev")" "$registry/images/tiny/.nobody-123456"
expect 6 reburst registry check
says 'oci/stranger is shown, and the metadata does not name it'
says 'images/tiny/nobody is shown'
contents "$registry" >stranger
expect 0 reburst registry gc --dry-run
contents "$registry" | diff stranger - || fail "a dry run changed something"
says '^- oci/stranger/index.json'
expect 0 reburst registry gc
expect 0 reburst registry check
contents "$registry" | grep -v '/oci/tiny/index.json' | diff after - || fail "gc left something"

step "the lock is for those who may write"
mode() { stat -c %a "$1/.lock"; }
[ "$(mode "$registry")" = 600 ] || fail "the lock has the mode $(mode "$registry")"
(umask 002 && reburst publish "$one" --registry shared >/dev/null 2>&1)
[ "$(mode shared)" = 660 ] || fail "the lock of a group has the mode $(mode shared)"
[ -z "$(find shared -type d ! -perm -775)" ] || fail "the umask of a group does not count: $(find shared -type d -printf '%m %p\n')"
(umask 077 && reburst publish "$one" --registry private >/dev/null 2>&1)
[ -z "$(find private -type d -perm /077)" ] || fail "the umask does not count: $(find private -type d -perm /077)"
(umask 022 && reburst publish "$one" --registry public >/dev/null 2>&1)
[ -z "$(find public -type d ! -perm 755)" ] && [ -z "$(find public -type f ! -name .lock ! -perm -444)" ] || fail "a web server could not read all of it"
(umask 002 && XDG_DATA_HOME=$scratch/nobody/data reburst publish "$one" --registry shared-too >/dev/null 2>&1) || fail "keys that are made with a group's umask are refused"
chmod 644 "$registry/.lock"
expect 0 reburst registry refresh
[ "$(mode "$registry")" = 600 ] || fail "the lock keeps the mode $(mode "$registry")"
chmod 666 "$registry/.lock"
expect 0 reburst registry refresh
[ "$(mode "$registry")" = 660 ] || fail "the lock keeps the mode $(mode "$registry")"
