#!/usr/bin/env bash
# What a build says of itself, judged by others: CycloneDX's own schema and stock readers of package URLs and licence expressions from
# npm, the rules of SPDX, and the disk itself.
. "$(dirname "$0")/lib.sh"
folder=$(web_release)
here=$SOURCE/tests/clients/sbom
clients=$WORK/clients-sbom

if ! cmp -s "$here/package-lock.json" "$clients/installed.json"; then
  step "npm ci"
  mkdir -p "$clients"
  rm -f "$clients/installed.json"
  cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$clients/"
  (cd "$clients" && expect 0 npm ci --ignore-scripts --no-audit --no-fund)
  cp "$here/package-lock.json" "$clients/installed.json"
fi
export NODE_PATH=$clients/node_modules

step "SPDX 2.3"
expect 0 python3 "$here/spdx.py" "$folder"/*.spdx.json ${REBURST_SPDX_SCHEMA:+"$REBURST_SPDX_SCHEMA"}
cat "$scratch/out"
step "CycloneDX 1.5"
expect 0 node "$here/cyclonedx.cjs" "$folder"/*.cdx.json
cat "$scratch/out"
step "package URLs and licences"
expect 0 node "$here/names.cjs" "$folder"/*.spdx.json "$folder"/*.cdx.json
cat "$scratch/out"

step "the file list tells what is on the disk, and all four tell the same"
expect 0 python3 "$here/files.py" "$folder"
cat "$scratch/out"

step "broken documents are not taken"
sed 's/"SHA1"/"SHA0"/' "$folder"/*.spdx.json >"$scratch/broken.json"
expect 1 python3 "$here/spdx.py" "$scratch/broken.json"
says 'clause 8.4'
