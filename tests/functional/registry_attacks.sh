#!/usr/bin/env bash
# What somebody who controls the web server, or the way to it, can try: each is refused by the stock TUF client (tuf-js) and
# by `reburst pull`, with a reason; nothing is installed, and the trusted state stays as it was.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_small_releases
target=shop/dev/$two/manifest.json

step "two publications; a client of each kind that has seen both"
expect 0 reburst publish "$releases/out/shop/$one" --registry "$registry"
cp -al "$registry" "$scratch/before"
expect 0 reburst publish "$releases/out/shop/$two" --registry "$registry"
served=$scratch/served
cp -al "$registry" "$served"
serve "$served"
mkdir "$scratch/tuf"
cp "$keys/root.json" "$scratch/tuf/"
stock() { "${clock[@]}" env NODE_PATH="$WORK/clients/node_modules" "$(npm_node)" "$SOURCE/tests/clients/tuf_pull.cjs" "$1" "$url" "$target" "$scratch/fetched"; }
# With an empty cache: a file that is there already, verified, would not be asked for.
ours() { rm -rf "$scratch/cache" && "${clock[@]}" "$REBURST" pull shop@dev --registry "$url" --root "$keys/root.json" --out "$scratch/pulled" --cache "$scratch/cache"; }
clock=()
expect 0 stock "$scratch/tuf"
cmp "$scratch/fetched" "$releases/out/shop/$two/manifest.json"
expect 0 ours
rm -rf "$scratch/pulled"
state=$XDG_STATE_HOME

# reset FROM: the served copy is that registry again; chunks are never attacked here.
reset() { rm -rf "$served/metadata" "$served/targets" && cp -al "$1/metadata" "$1/targets" "$served/"; }

# attack NAME STATUS PATTERN STOCK COMMAND…: the served copy is changed by COMMAND; reburst must refuse it with STATUS and PATTERN,
# tuf-js with an error that matches STOCK.
attacks=0
attack() {
  local name=$1 status=$2 pattern=$3 theirs=$4
  shift 4
  step "$name"
  reset "$registry"
  "$@"
  # Who has seen the newest metadata keeps it: what replaces files that it has is refused by those that come new.
  rm -rf "$scratch/tuf-copy" "$scratch/state-copy"
  if [ "$who" = seen ]; then
    cp -r "$scratch/tuf" "$scratch/tuf-copy" && cp -r "$state" "$scratch/state-copy"
  else
    mkdir -p "$scratch/tuf-copy" && cp "$keys/root.json" "$scratch/tuf-copy/"
  fi
  export XDG_STATE_HOME=$scratch/state-copy
  rm -f "$scratch/fetched"
  expect 1 stock "$scratch/tuf-copy"
  says "$theirs"
  [ ! -e "$scratch/fetched" ] || fail "tuf-js installed it"
  expect "$status" ours
  says "$pattern"
  [ ! -e "$scratch/pulled" ] || fail "something was installed"
  if [ "$who" = seen ]; then diff -r "$state" "$scratch/state-copy"; else [ -z "$(find "$scratch/state-copy" -type f 2>/dev/null)" ] || fail "the trusted state changed"; fi
  attacks=$((attacks + 1))
}
# The served copy is made of links: what is changed in it becomes a file of its own first.
own() { cp "$1" "$1.own" && chmod 644 "$1.own" && mv -f "$1.own" "$1"; }
newest() { find "$served/metadata" -name "*.$1.json" | sort -V | tail -n 1; }
older() { find "$served/metadata" -name "*.$1.json" | sort -V | tail -n 2 | head -n 1; }
# edit FILE PYTHON: changes parsed metadata (m) and writes it back.
edit() { own "$1" && python3 -c "import json,sys
f=sys.argv[1]; m=json.load(open(f)); exec(sys.argv[2]); json.dump(m,open(f,'w'),separators=(',',':'),sort_keys=True)" "$1" "$2"; }

roll_back() { reset "$scratch/before"; }
who=seen
attack "rollback: what was true before the last publication" 6 'TUF 5\.4\.3' "New timestamp version 1 is less than current version 2" roll_back
who=new

only_timestamp_is_new() { cp --remove-destination "$(older snapshot)" "$(newest snapshot)"; }
attack "mix-and-match: a snapshot of another moment" 6 'TUF 5\.5' "Unable to load snapshot metadata .*(Expected length|hash)" only_timestamp_is_new

old_channel() { cp --remove-destination "$(older shop-dev)" "$(newest shop-dev)"; }
attack "mix-and-match: a channel of another moment" 6 'TUF 5\.6' "Unable to load targets .*(Expected length|hash)" old_channel

unsigned() { edit "$served/metadata/timestamp.json" 'm["signatures"]=[]'; }
attack "below the threshold: a timestamp that nobody signed" 4 'timestamp.json.*TUF 5\.4\.2' "timestamp was signed by 0/1 keys" unsigned

forged() { edit "$served/metadata/timestamp.json" 'm["signed"]["version"]+=1'; }
attack "a timestamp with another version" 4 'timestamp.json.*TUF 5\.4\.2' "timestamp was signed by 0/1 keys" forged

swapped() { cp --remove-destination "$(newest snapshot)" "$served/metadata/timestamp.json"; }
attack "metadata of another role, signed well" 6 'timestamp' "expected 'timestamp', got snapshot" swapped

no_channel() { rm "$(newest shop-dev)"; }
attack "a channel's metadata withheld" 8 'shop-dev' "Unable to load targets .*Failed to download" no_channel

cut_short() { own "$(newest snapshot)" && truncate -s 100 "$(newest snapshot)"; }
attack "metadata cut short" 6 'snapshot.json.*TUF 5\.5\.2' "Unable to load snapshot metadata .*Expected length" cut_short

endless() { own "$(newest snapshot)" && head -c 20000000 /dev/zero >>"$(newest snapshot)"; }
attack "endless metadata" 6 'snapshot.json.*TUF 5\.5\.1' "Unable to load snapshot metadata .*Max length reached" endless

the_target() { echo "$served/targets/shop/dev/$two/"*.manifest.json; }
other_target() { local f; f=$(the_target); own "$f" && printf X | dd of="$f" bs=1 conv=notrunc status=none; }
attack "another target under the same name" 6 'manifest.json' "Expected hash" other_target

long_target() { local f; f=$(the_target); own "$f" && head -c 1000000 /dev/zero >>"$f"; }
attack "a target with more bytes than it says" 6 'manifest.json' "Max length reached" long_target

stranger() { XDG_DATA_HOME=$scratch/stranger "$REBURST" publish "$releases/out/shop/$two" --registry "$scratch/other" >/dev/null 2>&1 && cp -a --remove-destination "$scratch/other/metadata/." "$served/metadata/" && rm -f "$served/metadata/1.root.json"; }
attack "another publisher's registry" 4 'timestamp.json.*TUF 5\.4\.2' "timestamp was signed by 0/1 keys" stranger

clock=(faketime -f +40d)
attack "freeze: what has expired is shown for ever" 5 'expired' "Final timestamp.json is expired" true
clock=()
[ "$attacks" -eq 13 ]

export XDG_STATE_HOME=$state
step "and after all of this the honest registry is still accepted"
reset "$registry"
expect 0 stock "$scratch/tuf"
expect 0 ours
