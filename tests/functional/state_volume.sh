#!/usr/bin/env bash
# A recipe with `state:` boots with its volume: ext4, mounted where the recipe says, belonging to whom the image's folder does.
. "$(dirname "$0")/lib.sh"
cat >"$scratch/web-state.yaml" <<'R'
recipe: 1
role: web-state
from: web
users:
  - {name: app, system: true, home: /var/lib/app}
run:
  - install -d -o app -g app -m 0750 /var/lib/app
state:
  - {mount: /var/lib/app, volume: data}
  - {mount: /srv/shop, volume: shop}
tests:
  - {name: is ext4, command: findmnt -no FSTYPE /var/lib/app, stdout: ext4}
  - {name: is its own mount, command: mountpoint -q /var/lib/app && mountpoint -q /srv/shop}
  - {name: is the volume, command: "test \"$(readlink -f /dev/disk/by-partlabel/data)\" = \"$(findmnt -no SOURCE /var/lib/app)\""}
  - {name: takes owner and mode of the folder, command: "stat -c '%U:%G %a' /var/lib/app", stdout: "app:app 750"}
  - {name: a folder that the build made is root's, command: "stat -c '%U:%G %a' /srv/shop", stdout: "root:root 755"}
  - {name: app writes, command: "setpriv --reuid=app --regid=app --clear-groups sh -c 'echo kept >/var/lib/app/file' && cat /var/lib/app/file", stdout: kept}
  - {name: the rest of /srv stays verified, command: "! touch /srv/file"}
R
step "build"
expect 0 reburst build "$scratch/web-state.yaml" --out "$scratch/release"
folder=$(tail -n 1 "$scratch/out")
grep -qF '"state":[{"mount":"/var/lib/app","volume":"data"},{"mount":"/srv/shop","volume":"shop"}]' "$folder/manifest.json" ||
  fail "the manifest does not name the volumes"

step "boot"
expect 0 reburst test "$folder"
cat "$scratch/out"
says 'app writes'

step "without its volume it does not boot"
sed -i 's/,"state":\[[^]]*\]//' "$folder/manifest.json"
expect 14 reburst test "$folder" --timeout 180
says 'looking for a state volume'
says 'PARTLABEL data'
