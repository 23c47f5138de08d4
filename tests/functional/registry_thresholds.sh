#!/usr/bin/env bash
# Roles of two keys out of three, which somebody has one of: what that one signed is refused by the stock TUF client and by ours,
# however often it signed and under whatever names: in the root, in the timestamp, in a channel.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_small_releases 48
cd "$scratch"
target=shop/dev/$two/manifest.json

step "root, timestamp and channel want two of three keys, and have them: both clients accept that"
expect 0 "$REBURST" key create --keys keys
for role in root timestamp shop-dev; do
  for name in anna bert carla; do expect 0 "$REBURST" key create keys/$role-$name.pem; done
  expect 0 "$REBURST" key add $role keys/$role-{anna,bert,carla}.pub --threshold 2 --keys keys
done
expect 0 "$REBURST" key remove root root.pem --keys keys
expect 0 "$REBURST" key remove timestamp timestamp.pem --keys keys
expect 0 "$REBURST" publish "$releases/out/shop/$one" --keys keys --registry registry
cp registry/metadata/1.root.json first-root.json
cp -a registry served
serve "$scratch/served"
stock() { NODE_PATH="$WORK/clients/node_modules" "$(npm_node)" "$SOURCE/tests/clients/tuf_pull.cjs" "$1" "$url" "$target" "$scratch/fetched"; }
ours() { rm -rf cache && XDG_STATE_HOME=$scratch/$1 "$REBURST" pull shop@dev --registry "$url" --root first-root.json --out pulled --cache cache; }
mkdir tuf && cp first-root.json tuf/root.json
target=shop/dev/$one/manifest.json expect 0 stock tuf
expect 0 ours state
rm -r pulled
expect 0 "$REBURST" publish "$releases/out/shop/$two" --keys keys --registry registry
expect 0 "$REBURST" key create keys/targets-2.pem
expect 0 "$REBURST" key add targets keys/targets-2.pem --keys keys
expect 0 "$REBURST" key rotate --keys keys --registry registry

cat >change.py <<'P'
# change.py METADATA ROLE HOW: the signatures of ROLE's newest metadata are others, and whatever names that file is signed anew, as it
# would be by somebody who has the keys of snapshot and timestamp.
import hashlib, json, pathlib, subprocess, sys, tempfile
folder, role, how = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
canonical = lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
def newest(name):
    return max(folder.glob(f"*.{name}.json"), key=lambda path: int(path.name.split(".")[0])) if name != "timestamp" else folder / "timestamp.json"
def sign(signed, key):
    with tempfile.NamedTemporaryFile() as file:
        file.write(canonical(signed).replace("\\n", "\n").encode()); file.flush()
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", "keys/" + key, "-in", file.name], check=True, capture_output=True).stdout.hex()
def write(path, metadata):
    path.unlink()
    path.write_text(canonical(metadata))
    return path.read_bytes()
path = newest(role)
metadata = json.loads(path.read_text())
if how == "alias":  # a root that all who have to have signed: a key of the timestamp has two names there
    assert role == "root"
    keys, names = metadata["signed"]["keys"], metadata["signed"]["roles"]["timestamp"]["keyids"]
    alias = "a" * 64
    timestamp = json.loads((folder / "timestamp.json").read_text())
    signature = next(s for s in timestamp["signatures"] if s["keyid"] in names)
    keys[alias] = keys[signature["keyid"]]
    metadata["signed"]["roles"]["timestamp"]["keyids"] = [signature["keyid"], alias]
    for s in metadata["signatures"]:
        for key in ("root-anna.pem", "root-bert.pem", "root-carla.pem"):
            public = subprocess.run(["openssl", "pkey", "-in", "keys/" + key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout[-32:].hex()
            if keys[s["keyid"]]["keyval"]["public"] == public: s["sig"] = sign(metadata["signed"], key)
    write(path, metadata)
    timestamp["signatures"] = [signature, {"keyid": alias, "sig": signature["sig"]}]
    write(folder / "timestamp.json", timestamp)
    sys.exit()
one, other = metadata["signatures"][:2]
assert one["keyid"] != other["keyid"]
stranger = "5" * 64
metadata["signatures"] = {
    "one": [one],
    "twice": [one, one],                                           # one name twice
    "stranger": [one, {"keyid": stranger, "sig": one["sig"]}],     # a second name, which nobody knows
    "borrowed": [one, {"keyid": other["keyid"], "sig": one["sig"]}],  # another's name
    "both": [one, other],
}[how]
content = write(path, metadata)
if role not in ("root", "timestamp"):
    keyid = lambda path: json.loads(path.read_text())["signatures"][0]["keyid"]
    def name_it(path, meta, content, keys):
        metadata = json.loads(path.read_text())
        entry = metadata["signed"]["meta"][meta]
        if "length" in entry: entry["length"] = len(content)
        if "hashes" in entry: entry["hashes"] = {"sha256": hashlib.sha256(content).hexdigest()}
        public = json.loads((folder / "1.root.json").read_text())["signed"]["keys"]
        names = {subprocess.run(["openssl", "pkey", "-in", "keys/" + key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout[-32:].hex(): key for key in keys}
        metadata["signatures"] = [{"keyid": id, "sig": sign(metadata["signed"], names[key["keyval"]["public"]])} for id, key in public.items() if key["keyval"]["public"] in names]
        assert len(metadata["signatures"]) == len(keys), (public, names)
        return write(path, metadata)
    content = name_it(newest("snapshot"), role + ".json", content, ["snapshot.pem"])
    name_it(folder / "timestamp.json", "snapshot.json", content, ["timestamp-anna.pem", "timestamp-bert.pem"])
P

# refused ROLE HOW STATUS PATTERN STOCK: by clients of each kind that have seen the first publication.
tried=0
refused() {
  rm -rf served/metadata served/targets served/chunks tuf-copy state-copy fetched
  cp -a registry/metadata registry/targets registry/chunks served/
  python3 change.py served/metadata "$1" "$2"
  cp -r tuf tuf-copy && cp -r state state-copy
  expect 1 stock tuf-copy
  says "$5"
  [ ! -e fetched ] || fail "tuf-js installed it"
  expect "$3" ours state-copy
  says "$4"
  [ ! -e pulled ] || fail "something was installed"
  diff -r state state-copy
  tried=$((tried + 1))
}
# accepted ROLE: with the two that are needed, by the same way.
accepted() {
  rm -rf served/metadata served/targets served/chunks tuf-copy state-copy fetched
  cp -a registry/metadata registry/targets registry/chunks served/
  python3 change.py served/metadata "$1" both
  cp -r tuf tuf-copy && cp -r state state-copy
  expect 0 stock tuf-copy
  expect 0 ours state-copy
  rm -r pulled
}

# each ROLE FILE RULE: signed by one of two, once, twice under one name, under one that nobody has, and under another's.
each() {
  accepted "$1"
  refused "$1" one 4 "cannot trust the metadata \"$2\": 1 of 3 keys signed it, and 2 must \\(TUF $3: arbitrary software\\)" "$1 was signed by 1/2 keys"
  refused "$1" twice 6 "the metadata \"$2\": signatures: the key \"[0-9a-f]{64}\" stands twice" "multiple signatures found for keyid"
  refused "$1" stranger 4 "\"$2\": 1 of 3 keys signed it, and 2 must \\(TUF $3" "$1 was signed by 1/2 keys"
  refused "$1" borrowed 4 "\"$2\": 1 of 3 keys signed it, and 2 must; a signature of a right key does not fit the text \\(TUF $3" "$1 was signed by 1/2 keys"
}

step "a root that one of two keys signed, or one of them twice"
each root 2.root.json 5.3.4
step "a timestamp that one of two keys signed, or one of them twice"
each timestamp timestamp.json 5.4.2
step "a channel that one of two keys signed, or one of them twice"
each shop-dev 2.shop-dev.json 5.6.3
[ "$tried" -eq 12 ]

step "a root that names one key twice, as if it were two"
# tuf-js 4.1.0 counts names and does not ask what they stand for: it believes what those who signed that root wrote. We do not.
rm -rf served/metadata state-copy tuf-copy fetched
cp -a registry/metadata served/
python3 change.py served/metadata root alias
cp -r tuf tuf-copy && cp -r state state-copy
expect 0 stock tuf-copy
expect 6 ours state-copy
says 'the metadata "2.root.json": signed.keys.a{64}: the key.s id is [0-9a-f]{64}'
[ ! -e pulled ] || fail "something was installed"
diff -r state state-copy
