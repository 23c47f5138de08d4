# Sourced after lib.sh: two versions of a small role "web", and their chunks.
built=$WORK/how-to-releases
pool=$built/chunks

# The two versions that the pages name; most of the image is left out, since nobody boots it. A build that is there
# already, by this very program, is found in the cache.
make_web() { # EPOCH VERSION
  mkdir -p "$built"
  cat >"$built/web.yaml" <<YAML
recipe: 1
role: web
from: base
epoch: $1
files:
  - {path: /srv/web, content: "$2\n"}
image:
  exclude: [/usr/bin, /usr/sbin, /usr/share, /usr/lib/$(uname -m)-linux-gnu, /usr/lib/systemd, /var/lib, /var/cache]
YAML
  "$REBURST" build "$built/web.yaml" --cache "$WORK/cache" --out "$built/out" --quiet >/dev/null
}
# The same, where another test may be at it.
make_web_alone() {
  exec 9>"$WORK/how-to-releases.lock"
  flock 9
  make_web "$@"
  flock -u 9
}
make_web_releases() {
  exec 9>"$WORK/how-to-releases.lock"
  flock 9
  make_web 2026-11-01T10:11:12Z 20261101T101112Z
  make_web 2026-11-21T16:10:27Z 20261121T161027Z
  [ -d "$pool" ] || (
    XDG_DATA_HOME=$scratch/pool "$REBURST" publish "$built/out/web/20261101T101112Z" --registry "$scratch/pool/registry" --quiet >/dev/null 2>&1
    mv "$scratch/pool/registry/chunks" "$pool"
  )
  flock -u 9
}
# new_registry FOLDER: one whose chunks need not be compressed once more.
new_registry() { mkdir -p "$1" && cp -al "$pool" "$1/chunks"; }
