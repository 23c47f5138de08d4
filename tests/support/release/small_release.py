#!/usr/bin/env python3
"""small_release.py FOLDER ROLE VERSION SEED [BLOCKS]: a release of a few MiB (of 768 blocks of data, at least 32) in the form of
docs/formats/manifest.md, for tests of what happens to releases: a disk with a partition table, data and its dm-verity tree, and
files that stand for the rest. Two seeds share most of the disk. It does not boot."""
import json, os, random, sys

sys.dont_write_bytecode = True
from verity_disk import BLOCK, START, disk, sha

folder, role, version, seed = sys.argv[1:5]
DATA_BLOCKS = int(sys.argv[5]) if len(sys.argv) > 5 else 768


def content():
    same = random.Random(role).randbytes(DATA_BLOCKS * BLOCK - 65536)
    return same[: 1 << 20] + random.Random(seed).randbytes(65536) + same[1 << 20 :]


def text(value):
    return (json.dumps(value, sort_keys=True, separators=(",", ":")) + "\n").encode()


name = role + "_" + version
raw, root_hash = disk(content())
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
