#!/usr/bin/env bash
# Two registries of one key folder: the default of two project folders on one machine.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
for each in "$one" "$two"; do tiny_release "$scratch/release/$each" "$each"; done
first=$scratch/one second=$scratch/two
mkdir "$first" "$second"
in_project() { # PROJECT STATUS COMMAND…
  cd "$1"
  expect "${@:2}"
  cd "$scratch"
}
roots() { find "$1/registry/metadata" -name '*.root.json' -printf '%f\n' | sort; }
same_roots() {
  [ "$(roots "$first")" = "$(roots "$second")" ] || fail "other roots: $(roots "$first") and $(roots "$second")"
  for each in $(roots "$first"); do cmp "$first/registry/metadata/$each" "$second/registry/metadata/$each"; done
}

step "each project publishes into its own ./registry, and reads it"
in_project "$first" 0 reburst publish "$scratch/release/$one"
for reason in a b c; do in_project "$first" 0 reburst promote tiny $one --to "$reason" --reason "$reason"; done
in_project "$first" 0 reburst list
sleep 1 # another root would have another date
in_project "$second" 0 reburst publish "$scratch/release/$two"
for round in 1 2; do
  in_project "$second" 0 reburst list
  says "tiny@dev +$two"
  in_project "$first" 0 reburst list
  says "tiny@dev +$one"
done
in_project "$second" 0 reburst pull tiny@dev --out pulled
in_project "$first" 0 reburst pull tiny@dev --out pulled
cmp "$first/pulled/tiny_$one.raw" "$scratch/release/$one/tiny_$one.raw"
in_project "$second" 0 reburst verify pulled
in_project "$second" 0 reburst history tiny
in_project "$second" 0 reburst promote tiny $two --to stable --reason tried
in_project "$second" 0 reburst registry refresh
in_project "$second" 0 reburst registry check
same_roots
cmp "$keys/root.json" "$second/registry/metadata/1.root.json"

step "a registry is not another one at its address: what was seen there still binds"
cp -r "$first/registry" "$scratch/kept"
in_project "$first" 0 reburst registry refresh
in_project "$first" 0 reburst list
mv "$first/registry" "$scratch/newer" && cp -r "$scratch/kept" "$first/registry"
in_project "$first" 6 reburst list
says 'rollback'
in_project "$first" 6 reburst list --registry "file://$first/registry/"
in_project "$first" 6 reburst list --registry "./registry/."
rm -r "$first/registry" && mv "$scratch/newer" "$first/registry"
in_project "$first" 0 reburst list

step "a bundle of either is imported with the root that the key folder has"
for project in "$first" "$second"; do
  in_project "$project" 0 reburst registry export site.tar
  in_project "$project" 0 reburst registry import site.tar --registry site
  in_project "$project" 0 reburst list --registry site
done

step "a rotation in one registry: the other follows with whatever it publishes next"
new_key() { # NAME ROLE OLD
  expect 0 "$REBURST" key create "$scratch/$1.pem"
  cp "$scratch/$1".p* "$keys/"
  expect 0 "$REBURST" key add "$2" "$keys/$1.pem"
  expect 0 "$REBURST" key remove "$2" "$3"
}
for top in root targets snapshot timestamp; do new_key "$top-2" "$top" "$top.pem"; done
in_project "$first" 0 "$REBURST" key rotate --old-key "$keys/root.pem"
says 'root is version 2'
cmp "$keys/2.root.json" "$first/registry/metadata/2.root.json"
in_project "$first" 0 reburst list
in_project "$second" 0 reburst list
in_project "$second" 0 reburst publish "$scratch/release/$one" --channel old
says 'note: .* gets version 2 of its root, which another registry of these keys has already'
in_project "$second" 0 reburst list
in_project "$second" 0 reburst registry check
same_roots

step "two rotations while the other is behind, and a reader of the first root"
new_key timestamp-3 timestamp timestamp-2.pem
in_project "$second" 0 "$REBURST" key rotate
new_key timestamp-4 timestamp timestamp-3.pem
in_project "$second" 0 "$REBURST" key rotate
says 'root is version 4'
in_project "$first" 0 reburst list
in_project "$first" 0 "$REBURST" key rotate
says 'another registry has these keys already: readers follow, root is version 4'
same_roots
in_project "$first" 0 reburst list
export XDG_STATE_HOME=$scratch/fresh
in_project "$first" 0 reburst list
in_project "$first" 0 reburst list --root "$keys/3.root.json"
export XDG_STATE_HOME=$scratch/state

step "a new registry begins with all of them, and one of other keys is told apart"
mkdir "$scratch/three"
in_project "$scratch/three" 0 reburst publish "$scratch/release/$one"
cmp "$keys/4.root.json" "$scratch/three/registry/metadata/4.root.json"
cmp "$keys/root.json" "$scratch/three/registry/metadata/1.root.json"
in_project "$scratch/three" 0 reburst list
in_project "$scratch/three" 0 reburst registry check
new_key timestamp-5 timestamp timestamp-4.pem
mkdir "$scratch/four"
in_project "$scratch/four" 0 reburst publish "$scratch/release/$one"
cmp "$keys/5.root.json" "$scratch/four/registry/metadata/5.root.json"
in_project "$scratch/four" 0 reburst list
in_project "$first" 0 reburst registry refresh
cmp "$keys/5.root.json" "$first/registry/metadata/5.root.json"

step "what a kill left of a later root nobody sees, and it goes"
cp "$keys/5.root.json" "$second/registry/metadata/6.root.json"
in_project "$second" 0 reburst publish "$scratch/release/$two"
[ ! -e "$second/registry/metadata/6.root.json" ] || fail "a root that does not follow stayed"
same_roots

step "a root of the key folder that does not follow is named"
cp "$keys/5.root.json" "$keys/6.root.json"
in_project "$second" 6 reburst publish "$scratch/release/$two"
says '6.root.json'
