"""A publisher whose signatures are good and whose metadata is wrong:  lie.py REGISTRY KEYS ROLE-CHANNEL CODE
CODE changes `targets` (by path); put(path, bytes) gives a target another content. Role, snapshot and timestamp are signed again."""
import hashlib, json, pathlib, subprocess, sys, tempfile

registry, keys, role, code = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4]
metadata = registry / "metadata"


def canonical(value):  # OLPC canonical JSON: in a string only the quote and the backslash are escaped
    if isinstance(value, dict):
        return "{" + ",".join(canonical(key) + ":" + canonical(value[key]) for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return json.dumps(value)


def sign(key, message):
    how = ["dgst", "-sha256", "-sign", keys / key] if key == "release.pem" else ["pkeyutl", "-sign", "-rawin", "-inkey", keys / key]
    with tempfile.NamedTemporaryFile() as file:
        file.write(message)
        file.flush()
        return subprocess.run(["openssl", *how, *([] if how[0] == "dgst" else ["-in"]), file.name], capture_output=True, check=True).stdout.hex()


def newest(name):
    return max(metadata.glob(f"*.{name}.json"), key=lambda path: int(path.name.split(".")[0]))


def write(old, name, key, body):
    document = json.loads(old.read_text())
    body["version"] += 1
    document["signed"] = body
    document["signatures"] = [{"keyid": document["signatures"][0]["keyid"], "sig": sign(key, canonical(body).encode())}]
    text = json.dumps(document, sort_keys=True, separators=(",", ":")) + "\n"
    path = metadata / (f"{body['version']}.{name}.json" if name != "timestamp" else "timestamp.json")
    path.unlink(missing_ok=True)
    path.write_text(text)
    return {"hashes": {"sha256": hashlib.sha256(text.encode()).hexdigest()}, "length": len(text.encode()), "version": body["version"]}


def stored(path):
    folder, _, name = path.rpartition("/")
    return registry / "targets" / folder / (targets[path]["hashes"]["sha256"] + "." + name)


def put(path, content):
    targets[path]["hashes"]["sha256"], targets[path]["length"] = hashlib.sha256(content).hexdigest(), len(content)
    if not stored(path).exists():
        stored(path).write_bytes(content)


def get(path):
    return stored(path).read_bytes()


old = newest(role)
body = json.loads(old.read_text())["signed"]
targets = body["targets"]
exec(code)
listed = write(old, role, "release.pem", body)
old = newest("snapshot")
body = json.loads(old.read_text())["signed"]
body["meta"][role + ".json"] = listed
listed = write(old, "snapshot", "snapshot.pem", body)
old = metadata / "timestamp.json"
body = json.loads(old.read_text())["signed"]
body["meta"]["snapshot.json"] = listed
write(old, "timestamp", "timestamp.pem", body)
