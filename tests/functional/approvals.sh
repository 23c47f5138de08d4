#!/usr/bin/env bash
# Changes that several people sign: a channel of two out of three, a root that is rotated, keys that are elsewhere. What has
# too few signatures, or others than for what was proposed, changes nothing; what has enough is accepted by the stock
# TUF client and by ours, from the very first root on.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
. "$(dirname "$0")/web_lib.sh"
make_web_releases
cd "$scratch"
old=20261101T101112Z
new=20261121T161027Z
new_registry registry
serve "$scratch/registry"
approve() { "$REBURST" approve "$@"; }
everyone() { local who; for who in anna bert carla offline; do cp keys/keys.json keys/*.pub $who/; done; }
metadata() { find registry/metadata -type f -exec sha256sum {} + | sort -k 2; }
unchanged() { # PROPOSAL STATUS PATTERN COMMAND…: refused, and neither registry nor proposal is another one
  local file=$1 before status=$2 pattern=$3
  before=$(metadata; sha256sum "$file")
  expect "$status" "${@:4}"
  says "$pattern"
  [ "$before" = "$(metadata; sha256sum "$file")" ] || fail "$* changed something"
}

step "keys of root and targets elsewhere: the first publication waits for them"
expect 0 "$REBURST" key create --keys keys --offline offline
for key in keys/root.pem keys/targets.pem offline/timestamp.pem; do [ ! -e $key ] || fail "$key was made"; done
expect 2 "$REBURST" key create --keys keys --offline offline2
says 'it is not empty'
[ ! -e offline2 ] || fail "a folder was made"
expect 4 "$REBURST" publish "$built/out/web/$old" --keys keys
says 'write a proposal with --propose FILE'
expect 0 "$REBURST" publish "$built/out/web/$old" --keys keys --propose first
[ -z "$(ls registry/metadata)" ] || fail "something was published"
unchanged first 4 '1.root.json' approve first --keys keys --publish
expect 0 approve first --keys offline
says '^root 1 .* 1 of 1 signatures$'
expect 0 approve first --keys keys --publish
expect 0 "$REBURST" list --registry "$url" --root keys/root.json
says "^web@dev +$old"
cp keys/root.json first-root.json
mkdir tuf
cp first-root.json tuf/root.json
stock() { NODE_PATH="$WORK/clients/node_modules" "$(npm_node)" "$SOURCE/tests/clients/tuf_pull.cjs" tuf "$url" "$1" fetched; }
expect 0 stock "web/dev/$old/manifest.json"

step "two of three for a channel"
mkdir anna bert carla stranger
for who in anna bert carla; do expect 0 "$REBURST" key create $who/$who.pem; done
expect 2 "$REBURST" key add tragets anna/anna.pub --keys keys
says '"tragets" is no role that has keys'
expect 2 "$REBURST" key add web-stable anna/anna.pub --threshold 2 --keys keys
expect 0 "$REBURST" key add web-stable anna/anna.pub bert/bert.pub carla/carla.pub --threshold 2 --keys keys
says '^web-stable: 2 of 3 keys, metadata for 90 days$'
expect 2 "$REBURST" key add web-stable anna/anna.pub --keys keys
says 'has the key "anna.pem" already'
cp bert/bert.pub keys/bertha.pub
expect 4 "$REBURST" key add web-stable keys/bertha.pub --keys keys
says '"bert.pem" and "bertha.pem" are the same key'
rm keys/bertha.pub
everyone
expect 0 "$REBURST" promote web $old --to stable --reason tried --keys anna --propose stable
expect 0 approve stable --keys offline

step "one signature is too few; the same key again adds nothing, whatever it is called"
unchanged stable 4 '1 of 3 keys signed it, and 2 must' approve stable --keys keys --publish
expect 0 approve stable --keys anna
says '^web-stable 1 .* 1 of 2 signatures$'
change() { # FILE PYTHON: changes the proposal (p) and its channel's metadata (m)
  python3 - "$@" <<'P'
import json, sys
p = json.load(open(sys.argv[1]))
m = json.loads(p["roles"]["web-stable"])
exec(sys.argv[2])
p["roles"]["web-stable"] = json.dumps(m, separators=(",", ":"), sort_keys=True) + "\n"
json.dump(p, open(sys.argv[1], "w"), separators=(",", ":"), sort_keys=True)
P
}
cp stable forged
change forged 'm["signatures"] *= 2'
unchanged forged 6 'more than once|twice' approve forged --keys keys --publish
cp stable forged
change forged 'm["signatures"].append({"keyid": "0" * 64, "sig": m["signatures"][0]["sig"]})'
unchanged forged 4 '1 of 3 keys signed it, and 2 must' approve forged --keys keys --publish
XDG_DATA_HOME=$scratch/stranger expect 0 "$REBURST" key create
unchanged stable 4 'no key of "[^"]*" counts for what "stable" proposes' approve stable --keys stranger/reburst/keys

step "nothing else can be approved than what was proposed"
cp stable forged
change forged 'm["signed"]["version"] += 1'
unchanged forged 4 'the signature of [0-9a-f]{12} does not fit "web-stable" as it is proposed' approve forged --keys bert
cp stable forged
change forged "t = m['signed']['targets']; k = [n for n in t if n.endswith('.raw')][0]; t[k]['hashes']['sha256'] = '0' * 64"
unchanged forged 4 'does not fit "web-stable"' approve forged --keys bert
cp stable forged
change forged 'p["histories"]["web-stable"] = ""'
unchanged forged 6 'the history of "web-stable" is not the one' approve forged --show
cp stable forged
change forged 'm = json.loads(p["roles"]["targets"])'
unchanged forged 6 '"web-stable" delegates' approve forged --keys bert
cp stable forged
change forged "m['signed']['targets']['web/dev/x'] = m['signed']['targets'].popitem()[1]"
unchanged forged 6 'web/dev/x' approve forged --keys bert
cp stable forged
change forged 'p["more"] = 1'
unchanged forged 6 'it has a member "more"' approve forged --show
unchanged forged 2 'excludes' approve forged --show --publish

step "two are enough"
expect 0 approve stable --keys bert
says '^stable has the signatures that it needs'
expect 0 approve stable --keys keys --publish
expect 0 "$REBURST" list --registry "$url" --root first-root.json
says "^web@stable +$old"
expect 0 stock "web/stable/$old/manifest.json"
unchanged stable 2 'the proposal for "(targets|web-stable)" is out of date' approve stable --keys keys --publish

step "what a proposal names has to be in the registry still"
expect 0 "$REBURST" publish "$built/out/web/$new" --keys keys
expect 0 "$REBURST" promote web $new --to stable --reason fix --keys carla --propose fix
expect 0 approve fix --keys bert
mv registry/targets/web/stable/$new/*.manifest.json kept
unchanged fix 8 'which the registry does not have as it says' approve fix --keys keys --publish
mv kept "registry/targets/web/stable/$new/$(sha256sum <kept | cut -c 1-64).manifest.json"
expect 0 approve fix --keys keys --publish

step "what one approver's machine says well signed is shown to the next, and refused"
forge() { # IN OUT PYTHON: another text of the channel (m) and its history (h), signed well by Anna
  python3 - "$1" "$2" anna/anna.pem "$3" <<'P'
import base64, hashlib, json, pathlib, subprocess, sys, tempfile
source, out, key, code = sys.argv[1:]
p = json.load(open(source))
m, h = json.loads(p["roles"]["web-stable"]), p["histories"]["web-stable"]
canonical = lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
def sign(data):
    with tempfile.NamedTemporaryFile() as file:
        file.write(data); file.flush()
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", file.name], check=True, capture_output=True).stdout
def store(path, data):
    digest, path = hashlib.sha256(data).hexdigest(), pathlib.Path("registry/targets", path)
    (path.parent / f"{digest}.{path.name}").write_bytes(data)
    return {"hashes": {"sha256": digest}, "length": len(data)}
targets = m["signed"]["targets"]
exec(code)
targets["web/stable/history.jsonl"].update(store("web/stable/history.jsonl", h.encode()))
p["histories"]["web-stable"] = h
m["signatures"][0]["sig"] = sign(canonical(m["signed"]).replace("\\n", "\n").encode()).hex()
p["roles"]["web-stable"] = canonical(m) + "\n"
open(out, "w").write(canonical(p) + "\n")
P
}
hostile() { # PATTERN REFUSAL: what "forged" shows; Bert, who has the registry, does not sign; if he did, it is not published
  expect 0 approve forged --show
  says "$1"
  unchanged forged 6 "$2" approve forged --keys bert
  expect 0 approve forged --keys bert --registry elsewhere
  unchanged forged 6 "$2" approve forged --keys keys --publish
}
expect 0 "$REBURST" promote web $old --to stable --reason back --keys anna --propose honest
expect 0 approve honest --show
if grep -qE '^  (new release|changed|release) ' "$scratch/out"; then fail "a step back has no new release"; fi
forge honest forged "for t in targets.values():
  if t['custom'].get('version') == '$new': t['custom']['root_hash'] = '5' * 64; t['custom']['oci'] = 'sha256:' + '6' * 64"
hostile "^  changed release $new: root hash 5{64}, OCI sha256:6{64}," "another release $new than \"web-dev\" of the registry"
expect 0 approve forged --show --json
says "changed release $new: root hash 5{64}, OCI sha256:6{64},"
forge honest forged "n = 'web/stable/$new/manifest.json'; targets[n].update(store(n, b'{}'))"
hostile "^  changed file of $new: manifest.json [0-9a-f]{64} -> $(printf '{}' | sha256sum | cut -c 1-64)$" "another release $new than"
forge honest forged "for n in [n for n in targets if '/$new/' in n]:
  t = targets[n]; path = n.replace('$new', '20270101T000000Z')
  data = next(pathlib.Path('registry/targets', n).parent.glob(t['hashes']['sha256'] + '.*')).read_bytes() if n.endswith('.json') else b''
  pathlib.Path('registry/targets', path).parent.mkdir(exist_ok=True)
  targets[path] = store(path, data) | {'custom': t['custom'] | {'version': '20270101T000000Z', 'root_hash': '7' * 64}}"
expect 0 approve forged --show
says '^  new release 20270101T000000Z: root hash 7{64}, OCI sha256:[0-9a-f]{64},'
expect 0 approve forged --show --registry elsewhere
says '^  release 20270101T000000Z: root hash 7{64},'
says "^  release $new: root hash "
says '^  key of statements: [0-9a-f]{64}$'
rm -r registry/targets/web/stable/20270101T000000Z
forge honest forged "
line = json.loads(h.splitlines()[-1]); move = json.loads(base64.b64decode(line['payload']))
move.update({'from': '', 'previous': ''})
payload = canonical(move).encode(); kind = line['payloadType'].encode()
line['payload'] = base64.b64encode(payload).decode()
line['signatures'][0]['sig'] = base64.b64encode(sign(b'DSSEv1 %d %s %d %s' % (len(kind), kind, len(payload), payload))).decode()
h = canonical(line) + '\n'"
hostile '^  rewritten history: ' 'it does not begin with the one that this machine has seen'
wide() { # PYTHON: the delegation d of web-dev is another one; whoever has the keys of targets may sign that by mistake
  python3 - honest forged "$1" <<'P'
import json, sys
p = json.load(open(sys.argv[1]))
t = json.loads(p["targets"])
t["signed"]["version"] += 1
d = next(d for d in t["signed"]["delegations"]["roles"] if d["name"] == "web-dev")
exec(sys.argv[3])
t["signatures"] = []
canonical = lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
open(sys.argv[2], "w").write(canonical({**p, "roles": {"targets": canonical(t)}, "histories": {}}))
P
  for how in --show '--keys offline' '--keys keys --publish'; do
    unchanged forged 6 'lets the keys of "web-dev" speak for other paths than those of its channel' approve forged $how
  done
}
wide 'd["paths"] += ["web/stable/*", "web/stable/*/*"]'
wide 'd["terminating"] = False'
expect 0 "$REBURST" list --registry "$url" --root first-root.json
says "^web@stable +$new"

step "who was taken out signs no more"
expect 0 "$REBURST" key remove web-stable carla.pem --keys keys
says '^web-stable: 2 of 2 keys'
expect 2 "$REBURST" key set web-stable --threshold 3 --keys keys
expect 0 "$REBURST" key rotate --keys keys --propose without
for who in offline anna bert; do expect 0 approve without --keys $who; done
expect 0 approve without --keys keys --publish
expect 0 "$REBURST" promote web $old --to stable --reason back --keys bert --propose back
unchanged back 4 'no key of "carla" counts' approve back --keys carla
expect 0 "$REBURST" key rotate --keys keys
says 'the registry has these keys already'

step "a root of one key becomes one of two out of three: old and new have to sign"
for who in anna bert carla; do expect 0 "$REBURST" key create $who/root-$who.pem; done
cp -r offline offline-before
expect 0 "$REBURST" key add root anna/root-anna.pub bert/root-bert.pub carla/root-carla.pub --threshold 2 --keys keys
expect 0 "$REBURST" key remove root root.pem --keys keys
everyone
expect 0 "$REBURST" key rotate --keys keys --propose root
expect 0 approve root --keys anna
expect 0 approve root --keys bert
says '^root 2 .* 0 of 1 signatures  2 of 2 signatures$'
unchanged root 4 '2.root.json.*0 of 1 keys' approve root --keys keys --publish
cp root half
expect 0 "$REBURST" key rotate --keys keys --old-key offline-before/root.pem --propose half
expect 0 approve half --keys carla
says '^root 2 .* 1 of 1 signatures  1 of 2 signatures$'
unchanged half 4 '2.root.json.*1 of 3 keys signed it, and 2 must' approve half --keys keys --publish
expect 0 approve root --keys offline-before
expect 0 approve root --keys keys --publish

step "both clients follow from the first root on, and so does one that saw nothing"
expect 0 stock "web/dev/$new/manifest.json"
expect 0 "$REBURST" list --registry "$url" --root first-root.json
XDG_STATE_HOME=$scratch/fresh expect 0 "$REBURST" list --registry "$url" --root first-root.json
rm -rf tuf && mkdir tuf && cp first-root.json tuf/root.json
expect 0 stock "web/stable/$new/manifest.json"

step "every online key at once, and targets; expiry is as set"
for role in snapshot timestamp channel; do
  expect 0 "$REBURST" key create keys/$role-2.pem --type ecdsa-p256
  expect 0 "$REBURST" key add $role keys/$role-2.pem --expires-days 11 --keys keys
  expect 0 "$REBURST" key remove $role "$( [ $role = channel ] && echo release || echo $role).pem" --keys keys
done
expect 0 "$REBURST" key create offline/targets-2.pem
expect 0 "$REBURST" key add targets offline/targets-2.pub --keys keys
expect 0 "$REBURST" key remove targets targets.pub --keys keys
everyone
expect 0 "$REBURST" key rotate --keys keys --propose all
for who in offline anna carla; do expect 0 approve all --keys $who; done
says 'all has the signatures that it needs'
# The old keys are on a token, or elsewhere: only who is told of them can let them sign what readers of the old root get.
mkdir elsewhere
mv keys/{timestamp,snapshot}.pem elsewhere
halfway() { # FOLDER: what a reader gets who comes before the newest root is placed
  rm -rf halfway && cp -r "$1" halfway && rm "$(find halfway/metadata -name '*.root.json' | sort -V | tail -n 1)"
}
cp -r registry alone
cp -r keys keys-alone
expect 0 approve all --keys keys-alone --registry alone --publish
halfway alone
expect 4 "$REBURST" list --registry halfway --root first-root.json
expect 2 approve all --keys keys --old-key elsewhere/timestamp.pem --show
expect 0 approve all --keys keys --publish --old-key elsewhere/timestamp.pem --old-key elsewhere/snapshot.pem
halfway registry
expect 0 "$REBURST" list --registry halfway --root first-root.json

step "the stock client takes what both roots' keys have signed, before the new root is there and after"
serve_url=$url served_by=$server
serve "$scratch/halfway"
rm -rf tuf && mkdir tuf && cp first-root.json tuf/root.json
expect 0 stock "web/dev/$new/manifest.json"
cmp tuf/root.json registry/metadata/2.root.json
python3 - halfway/metadata registry/metadata/2.root.json <<'PY'
import json, pathlib, sys
folder, root = pathlib.Path(sys.argv[1]), json.loads(pathlib.Path(sys.argv[2]).read_text())["signed"]
signed = {one["keyid"] for one in json.loads((folder / "timestamp.json").read_text())["signatures"]}
assert len(signed) == 2 and len(signed & set(root["roles"]["timestamp"]["keyids"])) == 1, signed
PY
cp registry/metadata/3.root.json halfway/metadata/
expect 0 stock "web/dev/$new/manifest.json"
cmp tuf/root.json registry/metadata/3.root.json
stop_server
url=$serve_url server=$served_by
expect 0 stock "web/dev/$new/manifest.json"
expect 0 "$REBURST" list --registry "$url" --root first-root.json
expect 0 "$REBURST" registry check --keys keys
says '^  timestamp +.* in 1[01] d'
expect 0 "$REBURST" promote web $old --to dev --reason "a step back" --keys keys

step "gc leaves a channel alone that wants others' signatures"
expect 0 "$REBURST" registry gc --keep 0 --keys keys
says 'note: "web-stable" keeps what it has: it wants signatures by keys that are not here'
says "^- web@dev $new"
expect 0 stock "web/stable/$new/manifest.json"

step "a year later: root and targets are renewed by those who have them"
later() { faketime -f +300d "$@"; }
expect 0 later "$REBURST" registry refresh --keys keys
says 'warning: "root" expires soon: its keys are not here'
expect 0 later "$REBURST" registry refresh --keys keys --propose year
for who in offline anna bert; do expect 0 later "$REBURST" approve year --keys $who; done
says 'year has the signatures that it needs'
expect 0 later "$REBURST" approve year --keys keys --publish
expect 0 faketime -f +310d "$REBURST" list --registry "$url" --root first-root.json

step "what was yanked after it was proposed is not published"
third=20261130T000000Z
python3 "$SOURCE/tests/support/release/small_release.py" third web $third third
expect 0 later "$REBURST" publish third --keys keys
expect 0 later "$REBURST" promote web $third --to stable --reason next --keys anna --propose late
expect 0 later "$REBURST" approve late --keys bert
says 'late has the signatures that it needs'
expect 0 later "$REBURST" yank web $third --reason "does not answer" --keys keys
unchanged late 2 "the proposal lets \"web-stable\" have \"web\" $third, which was yanked: does not answer" \
  later "$REBURST" approve late --keys keys --publish

step "a release of two channels is yanked by who keeps each of them"
expect 0 later "$REBURST" promote web $new --to dev --reason again --keys keys
expect 0 later "$REBURST" yank web $new --reason leaks --keys keys
says "^warning: web@stable has it still"
says "web $new is taken out of dev$"
expect 18 later "$REBURST" pull web@$new --registry "$url" --root first-root.json --out yanked
says 'leaks'
expect 0 later "$REBURST" yank web $new --reason leaks --keys anna --propose gone
expect 0 later "$REBURST" approve gone --keys bert
expect 0 later "$REBURST" approve gone --keys keys --publish
expect 0 later "$REBURST" list --registry "$url" --root first-root.json
says "^web@stable +$old"
