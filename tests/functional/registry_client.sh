#!/usr/bin/env bash
# What a client meets beside attacks on the metadata: text that steers a terminal, files that are none, a channel that is empty, a bundle
# with something behind its end.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
cd "$scratch"
export LC_ALL=C.UTF-8 # what printf takes \u by
make_small_releases
first=$releases/out/shop/$one
second=$releases/out/shop/$two
root=$keys/root.json
expect 0 reburst publish "$first"
expect 0 reburst publish "$second"
cp -r "$registry" whole
restore() { rm -rf "$registry" state && cp -r whole "$registry"; }
# in_time STATUS ARGUMENT…: and nobody is waited for.
in_time() { expect "$1" timeout 30 "$REBURST" "${@:2}" --cache "$WORK/cache"; }

step "a reason that nobody can read as it is, is not signed"
while read -r bytes shown; do
  printf -v text 'a%bb' "$bytes"
  for verb in "publish $first --channel blue" "promote shop $one --to blue" "yank shop $one" "registry hold shop $one"; do
    expect 2 "$REBURST" $verb --reason "$text"
    grep -F -- "the reason has the character $shown, which nobody sees and which can make the line read otherwise" "$scratch/err" >/dev/null || { cat "$scratch/err"; fail "nothing says $shown"; }
  done
done <<'TABLE'
\u202e \u202e
\u2066 \u2066
\u200b \u200b
\u200f \u200f
\ufeff \ufeff
\u2028 \u2028
\u009b \u009b
\U000e0041 \udb40\udc41
TABLE
diff -r whole "$registry"
expect 0 reburst registry hold shop $one --reason "für „alle“ ❤️ 日本語 עברית"
says "^shop $one  für „alle“ ❤️ 日本語 עברית$"
restore

step "a reason that somebody else signed all the same is shown, and steers nothing"
python3 "$SOURCE/tests/support/registry/lie.py" "$registry" "$keys" shop-dev '
import base64
path = "shop/dev/history.jsonl"
lines = get(path).decode().splitlines()
last = json.loads(lines[-1])
move = json.loads(base64.b64decode(last["payload"]))
move["reason"] = "good\u202etxt.exe\u200b\u009b2J"
payload = json.dumps(move, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
signed = b"DSSEv1 %d %s %d %s" % (len(last["payloadType"]), last["payloadType"].encode(), len(payload), payload)
last["payload"] = base64.b64encode(payload).decode()
last["signatures"][0]["sig"] = base64.b64encode(bytes.fromhex(sign("release.pem", signed))).decode()
put(path, ("\n".join(lines[:-1] + [json.dumps(last, sort_keys=True, separators=(",", ":"))]) + "\n").encode())'
export XDG_STATE_HOME=$scratch/state
expect 0 reburst history shop --root "$root"
says 'good\\u202etxt.exe\\u200b\\u009b2J$'
expect 0 reburst history shop --root "$root" --json
! grep -P '[\x80-\xff]' "$scratch/out" || fail "it steers a terminal"
python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["moves"][-1]["reason"] == "good\u202etxt.exe\u200b\u009b2J"' "$scratch/out"
restore

step "a pipe beside a seed is not waited for"
mkdir seeds && cp "$first/shop_$one.raw" seeds/a.raw && mkfifo seeds/a.caibx
in_time 0 pull shop@dev --root "$root" --seed seeds/a.raw --out pulled
in_time 0 verify pulled --root "$root"

step "pipes, links to nothing and sockets among what was pulled"
for file in shop_$two.raw trust.json manifest.json shop_$two.caibx; do
  cp -r pulled odd && rm odd/$file && mkfifo odd/$file
  in_time 8 verify odd --root "$root"
  says "\"odd/$file\" is not (a file|there)"
  rm odd/$file && ln -s nowhere odd/$file
  in_time 8 verify odd --root "$root"
  rm -r odd
done
cp -r pulled odd && rm odd/*.raw && mkfifo odd/shop_$one.raw
in_time 0 pull shop@dev --root "$root" --out odd
[ ! -p odd/shop_$one.raw ] || fail "it stands there still"
mkfifo pipe
for option in "--root pipe" "--root $root --registry whole/metadata/../pipe"; do
  in_time 8 list $option
done
in_time 8 registry import pipe --registry imported --root "$root"
says '"pipe" is not a file$'

step "a trusted state whose files are pipes is damaged, not new"
folder=$(echo "$XDG_STATE_HOME"/reburst/trust/*/*)
for file in root.json timestamp.json latest-time histories/shop-dev.jsonl; do
  cp -r "$folder" kept
  rm "$folder/$file"
  mkfifo "$folder/$file"
  in_time 6 list --root "$root"
  says "\"$folder/$file\" is not a file$"
  says 'hint: the trusted state is damaged: remove its folder'
  rm -r "$folder"
  mv kept "$folder"
done
in_time 0 list --root "$root"

step "pipes in a registry's folder"
for file in timestamp.json 1.targets.json; do
  rm "$registry/metadata/$file" && mkfifo "$registry/metadata/$file"
  in_time 8 list --root "$root"
  says 'is not a file$'
done
restore

step "something behind a bundle's end"
expect 0 reburst registry export site.tar
tar=$(stat -c %s site.tar)
for more in x "$(printf 'a%.0s' {1..600})"; do
  { cat site.tar && printf %s "$more"; } >longer.tar
  expect 6 reburst registry import longer.tar --registry imported --root "$root"
  says 'cannot accept the bundle "longer.tar": something follows behind its end$'
done
cat site.tar site.tar >longer.tar
expect 6 reburst registry import longer.tar --registry imported --root "$root"
truncate -s $((tar - 600)) site.tar
expect 6 reburst registry import site.tar --registry imported --root "$root"
[ ! -e imported ] || fail "something was imported"

step "the only release of a channel was yanked: its reason, by channel and by version"
expect 0 reburst promote shop $one --to blue --reason tried
expect 0 reburst yank shop $one --reason "does not answer on IPv6"
for name in shop@blue shop@$one; do
  expect 18 reburst pull $name --root "$root" --out gone
  says "^reburst: error: \"shop\" $one was yanked at 20.*Z: does not answer on IPv6$"
  expect 18 reburst show $name --root "$root"
done
[ ! -e gone ] || fail "a yanked release was installed"
expect 0 reburst pull shop@dev --root "$root" --out other
