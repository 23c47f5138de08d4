#!/usr/bin/env bash
# Every how-to whose commands need no boot, as written: its commands from top to bottom in a fresh folder with a fresh HOME, and
# the lines that it shows. Small images stand for `web`; https://images.example.org is a server on loopback.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
unset XDG_DATA_HOME XDG_STATE_HOME
. "$(dirname "$0")/web_lib.sh"
make_web_releases

# `build web` gives the older one, and then the newer; only the first registry of all has to compress its chunks.
mkdir "$scratch/bin"
cat >"$scratch/bin/reburst" <<SH
#!/usr/bin/env bash
set -euo pipefail
if [ "\$*" = "build web" ]; then
  next=20261101T101112Z
  [ ! -e out/web/\$next ] || next=20261121T161027Z
  mkdir -p out/web
  cp -al "$built/out/web/\$next" out/web/
  echo out/web/\$next
  exit
fi
registry=registry
for ((i = 2; i < \$#; i++)); do [ "\${!i}" != --registry ] || { i=\$((i + 1)); registry=\${!i}; }; done
if [ "\${1-}" = publish ] && [ \$# -gt 2 ] && [ ! -e "\$registry/chunks" ]; then
  mkdir -p "\$registry"
  cp -al "$pool" "\$registry/chunks"
fi
exec "$REBURST" "\$@"
SH
chmod +x "$scratch/bin/reburst"

# What a page types at the terminal's question comes from systemd's place for it.
mkdir "$scratch/credentials"
echo "a long passphrase" >"$scratch/credentials/reburst.passphrase"

try_page() {
  local page=$1 name
  name=$(basename "$page" .md)
  step "$name"
  mkdir -p "$scratch/$name/home" "$scratch/$name/desk"
  serve "$scratch/$name/desk/registry"
  python3 "$SOURCE/tests/support/docs/how_to.py" "$page" | sed "s|https://images.example.org|$url|g" >"$scratch/$name/script"
  grep -q 'reburst ' "$scratch/$name/script" || fail "$name has no command"
  cat >"$scratch/$name/trap" <<'SH'
exec 7>&2
trap 'echo "FAILED at $WHERE" >&7; tail -n 20 "$OUT" >&7' ERR
SH
  (cd "$scratch/$name/desk" && env -i PATH="$scratch/bin:$PATH" HOME="$scratch/$name/home" OUT="$scratch/$name/out" BASH_ENV="$scratch/$name/trap" \
    CREDENTIALS_DIRECTORY="$scratch/credentials" REBURST_CACHE="$scratch/$name/cache" LC_ALL=C.UTF-8 \
    bash "$scratch/$name/script") || fail "$name is not as written"
  stop_server
  rm -rf "${scratch:?}/$name"
}

for page in first-publish promote-with-two-approvers rotate-a-key lost-key ci-with-an-hsm air-gapped-site \
  enrol-secure-boot-keys secure-boot-in-qemu-and-libvirt secure-boot-in-a-cloud; do
  [ $# -eq 0 ] || [[ " $* " == *" $page "* ]] || continue
  try_page "$SOURCE/docs/how-to/$page.md"
done
