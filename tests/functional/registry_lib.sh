# Sourced after lib.sh: two releases of a small role, keys, and a server for a registry folder.
releases=$WORK/registry-releases
one=20260102T000000Z
two=20260303T000000Z

# Two versions of the role "shop" that differ by one file; built once for all registry tests.
make_releases() {
  exec 9>"$WORK/registry-releases.lock"
  flock 9
  local epoch=2026-01-02 text=one each
  for each in "$one" "$two"; do
    [ -e "$releases/out/shop/$each/SHA256SUMS" ] || {
      mkdir -p "$releases"
      cat >"$releases/shop.yaml" <<YAML
recipe: 1
role: shop
from: base
epoch: ${epoch}T00:00:00Z
files:
  - {path: /srv/shop, content: "$text\n"}
YAML
      "$REBURST" build "$releases/shop.yaml" --cache "$WORK/cache" --out "$releases/out" --quiet >/dev/null
    }
    epoch=2026-03-03 text=two
  done
  flock -u 9
}

# make_small_releases [BLOCKS]: two versions of a role that take no time: a few MiB, and no boot (tests/support/release/small_release.py).
make_small_releases() {
  releases=$scratch/releases
  python3 "$SOURCE/tests/support/release/small_release.py" "$releases/out/shop/$one" shop "$one" one "$@"
  python3 "$SOURCE/tests/support/release/small_release.py" "$releases/out/shop/$two" shop "$two" two "$@"
}

# serve FOLDER: a static web server on loopback; its address in $url, its process in $server.
serve() {
  : >"$scratch/server"
  python3 -u -m http.server --bind 127.0.0.1 --directory "$1" 0 >"$scratch/server" 2>"$scratch/server.log" &
  server=$!
  local port= tries=0
  while [ -z "$port" ]; do
    port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$scratch/server")
    [ -n "$port" ] || { sleep 0.1; tries=$((tries + 1)); [ "$tries" -lt 100 ] || fail "no server"; }
  done
  url=http://127.0.0.1:$port
}
stop_server() {
  [ -z "${server:-}" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; } # it may have ended
}
trap 'stop_server; cleanup' EXIT

# A world of its own for each test: keys, trusted state and registry lie in $scratch.
export XDG_DATA_HOME=$scratch/data XDG_STATE_HOME=$scratch/state
registry=$scratch/registry
keys=$XDG_DATA_HOME/reburst/keys

# tiny_release FOLDER VERSION [MIB]: the files of a release of the role "tiny" as a build leaves them, with a disk of
# that size (8) which shares all but one part in four with that of every other version.
tiny_release() {
  mkdir -p "$1"
  python3 - "$1" "$2" "${3:-8}" <<'P'
import hashlib, json, pathlib, random, sys
folder, version, size = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) << 20
name = f"tiny_{version}"
shared, own = random.Random("tiny"), random.Random(version)
disk = shared.randbytes(3 << 20) + own.randbytes(1 << 20) + shared.randbytes(2 << 20)
kinds = {"disk": (".raw", disk), "uki": (".efi", own.randbytes(50000)),
         "provenance": (".provenance.json", b'{"runDetails":{"builder":{"id":""}}}\n'),
         "sbom-spdx": (".spdx.json", b'{"spdxVersion":"SPDX-2.3"}\n'),
         "sbom-cyclonedx": (".cdx.json", b'{"bomFormat":"CycloneDX"}\n')}
sums, artifacts = {}, []
def write(file, content, length=None):
    with open(folder / file, "wb") as out:
        out.write(content)
        out.truncate(length or len(content))
    with open(folder / file, "rb") as back:
        sums[file] = hashlib.file_digest(back, "sha256").hexdigest()
for kind, (ending, content) in kinds.items():
    write(name + ending, content, size if kind == "disk" else None)
    artifacts.append({"kind": kind, "name": name + ending, "sha256": sums[name + ending], "size": (folder / (name + ending)).stat().st_size})
write("tiny.lock", b"{}\n")
write("manifest.json", json.dumps({"manifest": 1, "role": "tiny", "version": version, "architecture": "amd64", "artifacts": artifacts,
                                   "root_hash": own.randbytes(32).hex(), "lock_sha256": sums["tiny.lock"]}).encode())
(folder / "SHA256SUMS").write_text("".join(f"{digest}  {file}\n" for file, digest in sorted(sums.items())))
P
}
