#!/usr/bin/env python3
"""small_release.py FOLDER ROLE VERSION SEED [BLOCKS]: a release of a few MiB (of 768 blocks of data, at least 32) in the form of
docs/formats/manifest.md, for tests of what happens to releases: a disk with a partition table, data and its dm-verity tree, and
files that stand for the rest. Two seeds share most of the disk. It does not boot."""
import hashlib, json, os, random, struct, sys, zlib

folder, role, version, seed = sys.argv[1:5]
BLOCK, SECTOR, START = 4096, 512, 1 << 20
DATA_BLOCKS = int(sys.argv[5]) if len(sys.argv) > 5 else 768


def sha(data):
    return hashlib.sha256(data).digest()


def verity(data):
    level = b"".join(sha(data[i : i + BLOCK]) for i in range(0, len(data), BLOCK))
    levels = []
    while True:
        level += bytes(-len(level) % BLOCK)
        levels.append(level)
        if len(level) == BLOCK:
            break
        level = b"".join(sha(level[i : i + BLOCK]) for i in range(0, len(level), BLOCK))
    root = sha(levels[-1])
    uuid = bytearray(sha(b"reburst verity\n" + root.hex().encode())[:16])
    uuid[6], uuid[8] = uuid[6] & 0x0F | 0x80, uuid[8] & 0x3F | 0x80
    head = b"verity\0\0" + struct.pack("<II", 1, 1) + bytes(uuid) + b"sha256".ljust(32, b"\0")
    head += struct.pack("<IIQ", BLOCK, BLOCK, len(data) // BLOCK)
    return root, head.ljust(BLOCK, b"\0") + b"".join(reversed(levels))


def guid(raw):
    return raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]


def gpt(partitions, sectors):
    entries = b""
    for kind, uuid, first, last in partitions:
        entries += guid(bytes.fromhex(kind)) + guid(uuid) + struct.pack("<QQQ", first, last, 1 << 60) + bytes(72)
    entries = entries.ljust(128 * 128, b"\0")

    def header(own, other, table):
        def pack(crc):
            return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, crc, 0, own, other, 34, sectors - 34,
                               bytes(range(16)), table, 128, 128, zlib.crc32(entries))
        return pack(zlib.crc32(pack(0))).ljust(SECTOR, b"\0")

    return header(1, sectors - 1, 2) + entries, entries + header(sectors - 1, 1, sectors - 33)


def disk():
    same = random.Random(role).randbytes(DATA_BLOCKS * BLOCK - 65536)
    data = same[: 1 << 20] + random.Random(seed).randbytes(65536) + same[1 << 20 :]
    root, tree = verity(data)
    tree_start = START + len(data)
    size = (tree_start + len(tree) + (1 << 20) - 1 >> 20) + 1 << 20
    kinds = ("4f68bce3e8cd4db196e7fbcaf984b709", "2c7357edebd246d9aec123d437ec2bf5")
    table = [(kinds[0], root[:16], START // SECTOR, tree_start // SECTOR - 1),
             (kinds[1], root[16:], tree_start // SECTOR, (tree_start + len(tree)) // SECTOR - 1)]
    head, tail = gpt(table, size // SECTOR)
    out = bytearray(size)
    out[SECTOR : SECTOR + len(head)] = head
    out[START : START + len(data)] = data
    out[tree_start : tree_start + len(tree)] = tree
    out[size - len(tail) :] = tail
    return bytes(out), root.hex()


def text(value):
    return (json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n").encode()


name = role + "_" + version
raw, root_hash = disk()
noise = random.Random("kernel " + role).randbytes
lock = text({"lock": 1, "seed": seed})
artifacts = [
    ("disk", ".raw", raw),
    ("uki", ".efi", b"MZ" + noise(200000)),
    ("kernel", ".vmlinuz", noise(100000)),
    ("initrd", ".initrd", noise(50000)),
    ("files", ".files", text({"offset": START, "package": "a", "path": "/a", "size": 1 << 20})),
    ("provenance", ".provenance.json", text({"buildDefinition": {}, "runDetails": {"builder": {"id": "test"}}})),
    ("sbom-spdx", ".spdx.json", text({"spdxVersion": "SPDX-2.3", "name": name})),
    ("sbom-cyclonedx", ".cdx.json", text({"bomFormat": "CycloneDX", "specVersion": "1.5"})),
]
files = {name + suffix: content for _, suffix, content in artifacts}
manifest = {"manifest": 1, "role": role, "version": version, "architecture": "amd64", "root_hash": root_hash,
            "lock_sha256": sha(lock).hex(),
            "artifacts": [{"kind": kind, "name": name + suffix, "sha256": sha(content).hex(), "size": len(content)}
                          for kind, suffix, content in artifacts]}
files["manifest.json"] = text(manifest)
files[role + ".lock"] = lock
files["SHA256SUMS"] = "".join(f"{sha(files[one]).hex()}  {one}\n" for one in sorted(files)).encode()
os.makedirs(folder)
for one, content in files.items():
    with open(os.path.join(folder, one), "wb") as file:
        file.write(content)
