#!/usr/bin/env bash
# What a machine remembers of a registry: by which root, the latest time, and the security epochs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_small_releases
root=$scratch/root.json
pull() { expect "$1" reburst pull "$2" --registry "$registry" --root "$root" --out "$scratch/pulled"; }

step "one memory for a root, whatever its white space"
expect 0 reburst publish "$releases/out/shop/$one" --registry "$registry"
cp "$keys/root.json" "$root"
cp -al "$registry" "$scratch/before"
pull 0 shop@dev
expect 0 reburst publish "$releases/out/shop/$two" --security-epoch 3 --registry "$registry"
expect 0 reburst list --registry "$registry" --root "$root"
{ cat "$root"; echo; } >"$scratch/root-again.json"
mv "$registry" "$scratch/newer" && cp -al "$scratch/before" "$registry"
expect 6 reburst list --registry "$registry" --root "$scratch/root-again.json"
says 'rollback'
rm -r "$registry" && mv "$scratch/newer" "$registry"
[ "$(find "$XDG_STATE_HOME/reburst/trust" -mindepth 2 -maxdepth 2 -type d | wc -l)" -eq 1 ] || fail "two memories of one root"
kept=$(find "$XDG_STATE_HOME/reburst/trust" -mindepth 2 -maxdepth 2 -type d)

step "verify: a clock that was set back is not believed"
expect 0 reburst verify "$scratch/pulled" --root "$root"
cp "$kept/latest-time" "$scratch/latest-time"
echo 2090-01-01T00:00:00Z >"$kept/latest-time"
expect 5 reburst verify "$scratch/pulled" --root "$root"
says 'expired'
XDG_STATE_HOME=$scratch/none expect 0 reburst verify "$scratch/pulled" --root "$root"
cp -al "$registry" "$scratch/mirror"
expect 5 reburst list --registry "$scratch/mirror" --root "$root"
cp "$scratch/latest-time" "$kept/latest-time"

step "the security epoch never goes down"
expect 2 reburst publish "$releases/out/shop/$two" --security-epoch 2 --registry "$registry"
says 'the security epoch 2 is below 3, which a release of "shop" has'
pull 0 shop@dev
grep -qx '{"shop-dev":3}' "$kept/security-epochs.json" || fail "the epoch was not kept"
rm -rf "$scratch/pulled"
cp "$registry/metadata/timestamp.json" "$scratch/timestamp"
for back in "promote shop $one --to dev --reason back" "promote shop $one --to dev --reason back --propose $scratch/back" "publish $releases/out/shop/$one"; do
  expect 2 reburst $back --registry "$registry"
  says "\"shop\" $one has the security epoch 0, and the channel \"dev\" has $two with 3: nobody could pull it there"
  cmp "$scratch/timestamp" "$registry/metadata/timestamp.json"
  [ ! -e "$scratch/back" ] || fail "something was signed"
done
expect 0 reburst promote shop "$one" --to old --reason "a channel of its own" --registry "$registry"
expect 0 reburst yank shop "$two" --reason "a mistake" --registry "$registry"
pull 6 shop@dev
says "\"shop\" $one has the security epoch 0, and 3 was seen in the channel \"dev\": it must not be used any more"
[ ! -e "$scratch/pulled" ] || fail "something was installed"
pull 0 "shop@$one"
