#!/usr/bin/env bash
# A channel whose metadata has expired stops itself, and no other.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_small_releases
cd "$scratch"
later() { expect "$1" faketime -f +3d "$REBURST" "${@:2}" --cache "$WORK/cache"; }
pull() { later "$1" pull "shop@$2" --out pulled; }

step "stable lives two days, everything else a month"
expect 0 reburst publish "$releases/out/shop/$one"
for role in timestamp snapshot; do expect 0 "$REBURST" key set $role --expires-days 30; done
expect 0 "$REBURST" key set shop-stable --expires-days 2
expect 0 reburst promote shop $one --to stable --reason tried
expect 0 reburst publish "$releases/out/shop/$two"
expect 0 reburst list
says "^shop@stable +$one +1 release$"

step "list shows it as expired, and the others as they are"
later 0 list
says "^shop@dev +$two +2 releases$"
says '^shop@stable +expired at 2.*Z$'
later 0 list --json
says '"channel":"dev".*"version":"'$two'"'
says '"channel":"stable","expired":"2[0-9TZ:-]*"'
later 0 history shop
says "publish +dev +$one +-> $two"
says 'warning: "shop@stable" expired at 2.*: nobody vouches for its moves, and they are left out'

step "pull: the channel is refused, its releases come by another that has them"
pull 5 stable
says 'cannot accept "[0-9]*.shop-stable.json": it has expired \(TUF 5.6.5: freeze\)'
later 5 show shop@stable
[ ! -e pulled ] || fail "something was installed"
pull 0 dev
cmp pulled/*.raw "$releases/out/shop/$two"/*.raw
pull 0 $one
cmp pulled/*.raw "$releases/out/shop/$one"/*.raw
later 0 show shop@$one
says 'channel +dev'
later 0 verify pulled --root "$keys/root.json"
pull 5 20990101T000000Z
says 'shop-stable.json": it has expired'

step "export: everything is refused and says what to do, the others by name go"
later 5 registry export all.tar
says '"shop-stable" expired at 2.*Z: no client accepts that channel$'
says 'hint: sign it again with reburst registry refresh, and export it then; or export the others by name: shop@dev$'
later 5 registry export stable.tar shop@stable
[ ! -e all.tar ] && [ ! -e stable.tar ] || fail "something was exported"
later 0 registry export dev.tar shop@dev
later 0 registry import dev.tar --registry site --root "$keys/root.json"
later 0 list --registry site
says "^shop@dev +$two"
says '^shop@stable +expired at'
later 0 pull shop@dev --registry site --out from-site
# The export of everything, while it held: its channel has expired on the way.
expect 0 reburst registry export all.tar
later 5 registry import all.tar --registry other --root "$keys/root.json"
says 'shop-stable.json": it has expired'
[ ! -e other ] || fail "an expired channel was imported"

step "check tells the keeper, and refresh mends it"
later 5 registry check
says '^every door shows what the metadata names$'
says '"shop-stable" expired at 2.*Z: no client accepts that channel$'
later 0 registry refresh
later 0 list
says "^shop@stable +$one +1 release$"
pull 0 stable
