#!/usr/bin/env python3
"""files.py RELEASE: every file's bytes lie where the file list says, and the SBOMs name the same files, digests and owners."""
import glob
import hashlib
import json
import os
import re
import sys

import jsonschema

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../recipes/schema/manifest-v1.json")
folder = sys.argv[1]


def only(pattern):
    found = glob.glob(os.path.join(glob.escape(folder), pattern))
    if len(found) != 1:
        sys.exit(f"{len(found)} files like {pattern}")
    return found[0]


def load(pattern):
    with open(only(pattern), encoding="utf-8") as file:
        return json.load(file)


with open(only("*.files"), encoding="utf-8") as file:
    lines = file.read().split("\n")
assert lines.pop() == "", "the last line has no end"
paths = [json.loads(line) for line in lines]
assert [json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for one in paths] == lines, "not canonical"
names = [one["path"].encode() for one in paths]
assert names == sorted(set(names)), "not sorted, or a path stands twice"

by_path = {one["path"]: one for one in paths}
files = [one for one in paths if one["type"] == "file"]
with open(only("*.raw"), "rb") as disk:
    for one in files:
        if "offset" not in one:
            assert one["size"] == 0, one
            continue
        disk.seek(one["offset"])
        assert hashlib.sha256(disk.read(one["size"])).hexdigest() == one["sha256"], one
for one in paths:
    assert re.fullmatch("[0-7]{4}", one["mode"]), one
    parent = os.path.dirname(one["path"])
    assert one["path"] == "/" or by_path[parent]["type"] == "folder", one
    if "link_to" in one:
        first = by_path[one["link_to"]]
        assert first["path"] < one["path"] and "link_to" not in first and first["sha256"] == one["sha256"], one

listed = {(one["path"], one["sha256"], one.get("package")) for one in files}
spdx = load("*.spdx.json")
packages = {one["SPDXID"]: one["name"] for one in spdx["packages"]}
owners = {one["spdxElementId"]: packages[one["relatedSpdxElement"]] for one in spdx["relationships"]
          if one["relationshipType"] == "EXPANDED_FROM_ARCHIVE"}
assert listed == {(one["fileName"][1:], one["checksums"][1]["checksumValue"], owners.get(one["SPDXID"])) for one in spdx["files"]}
components = load("*.cdx.json")["components"]
assert listed == {(file["name"], file["hashes"][0]["content"], one["name"] if one["type"] == "library" else None)
                  for one in components for file in (one.get("components", []) if one["type"] == "library" else [one])}

# Every package of the manifest is a dependency of the provenance, by the same digest; times and hosts are not in it.
manifest = load("manifest.json")
with open(SCHEMA, encoding="utf-8") as file:
    jsonschema.validate(manifest, json.load(file))
with open(only("*.provenance.json"), encoding="utf-8") as file:
    text = file.read()
dependencies = {one["name"]: one["digest"]["sha256"] for one in json.loads(text)["buildDefinition"]["resolvedDependencies"]}
assert all(dependencies[one["name"]] == one["sha256"] for one in manifest["packages"])
assert "://" not in text, "an address"
kinds = [one["kind"] for one in manifest["artifacts"]]
assert kinds[-4:] == ["files", "provenance", "sbom-spdx", "sbom-cyclonedx"], kinds
print(f"{len(paths)} paths, {len(files)} files, {len({one.get('package') for one in files})} owners")
