#!/usr/bin/env bash
# A clone and its release ticket: made by the registry's client, handed over by fw_cfg or on a disk, checked by reburst-init before it
# maps the root. A released initrd is booted; only boot.conf and root.json are other ones, its version too: that is a time, and tickets
# end by it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
. "$(dirname "$0")/web_lib.sh"
. "$(dirname "$0")/machine_lib.sh"
trap 'stop_machine; stop_server; cleanup' EXIT
make_web_alone 2026-11-21T16:10:27Z 20261121T161027Z
folder=$built/out/web/20261121T161027Z
version=20200202T020202Z
disk=$(echo "$folder"/web_*.raw)
(cd "$scratch" && cpio -i --quiet boot.conf) <"$(echo "$folder"/web_*.initrd)"
value() { sed -n "s/^$1 //p" "$scratch/boot.conf"; }

# A registry that has an older release, or, as far as a ticket tells, this very one.
published() { # VERSION [ROOT_HASH]
  python3 "$SOURCE/tests/support/release/small_release.py" "$scratch/small/$1" web "$1" "$1"
  expect 0 reburst publish "$scratch/small/$1" --channel stable --registry "$registry"
  [ -z "${2:-}" ] || python3 "$SOURCE/tests/support/registry/lie.py" "$registry" "$keys" web-stable "
for target in targets.values():
    if target['custom'].get('version') == '$1': target['custom']['root_hash'] = '$2'"
}

step "a ticket is made of what the registry has now"
published "$version" "$(value root_hash)"
make_ticket() { # FILE ARGUMENT…
  expect 0 reburst ticket web@stable --for web-17 --registry "$registry" --out "$@"
}
make_ticket "$scratch/good"
says "^web $version  ticket for web-17"
says '^  good until      2.*Z, when timestamp expires'
says "^$scratch/good\$"
[ "$(head -n 1 "$scratch/good")" = 'reburst-ticket 1' ] || fail "no ticket"
expect 0 reburst ticket "web@$version" --for web-17 --registry "$registry" --out "$scratch/again" --json
grep -qF "\"clone\":\"web-17\"" "$scratch/out" || fail "no JSON"
grep -qF "\"sha256\":\"$(sha256sum <"$scratch/again" | cut -c1-64)\"" "$scratch/out" || fail "another digest"
cmp -s "$scratch/good" "$scratch/again" || fail "the same registry makes another ticket"
expect 2 reburst ticket web@stable --for "a b" --registry "$registry"
says '"a b" cannot be the name of a clone'
expect 2 reburst ticket web@stable --registry "$registry"

step "an expired registry makes none"
expect 5 faketime '+2 days' "$REBURST" ticket web@stable --for web-17 --registry "$registry" --out "$scratch/late"
[ ! -e "$scratch/late" ] || fail "a ticket of an expired registry"

# The released initrd, then a cpio with what differs, which wins.
root=$(sha256sum <"$keys/root.json" | cut -c1-64)
initrd() { # POLICY TRUST_ROOT
  mkdir -p "$scratch/changed"
  cp "$keys/root.json" "$scratch/changed/root.json"
  sed "s/^ticket .*/ticket $1/; s/^trust_root .*/trust_root $2/; s/^version .*/version $version/; s/^epoch .*/epoch 1580608922/" "$scratch/boot.conf" >"$scratch/changed/boot.conf"
  cp "$(echo "$folder"/web_*.initrd)" "$scratch/initrd"
  (cd "$scratch/changed" && printf '%s\n' boot.conf root.json | cpio -o --quiet -H newc) >>"$scratch/initrd"
}
boot() { # [QEMU'S WORDS]
  machine "$decided" q35 -kernel "$(echo "$folder"/web_*.vmlinuz)" -initrd "$scratch/initrd" -append "console=ttyS0 panic=-1" \
    -drive "if=virtio,format=raw,snapshot=on,file=$disk" "$@"
}
by_firmware() { boot -fw_cfg "name=opt/org.reburst.ticket,file=$1" "${@:2}"; }
by_disk() { # FILE [QEMU'S WORDS]
  truncate -s 4M "$scratch/drive"
  echo 'start=2048,name=reburst-ticket' | sfdisk --quiet --label gpt "$scratch/drive" >/dev/null
  dd if="$1" of="$scratch/drive" bs=1M seek=1 conv=notrunc status=none
  boot -drive "if=virtio,format=raw,file=$scratch/drive" "${@:2}"
}
goes_on() {
  console_shows 'reburst: release ticket for web-17, good until 2.*Z'
  console_shows "reburst: web $version $(value root_hash) verified root, handing over"
}
refused() { # EXPECTED FOUND
  console_shows '==== reburst: boot refused ===='
  console_shows "^  expected  $1"
  console_shows "^  found     $2"
  console_shows '^  do        .'
  console_hides 'handing over|Kernel panic|release ticket for'
}

step "a good ticket, by fw_cfg: the clone goes on"
initrd required "$root"
by_firmware "$scratch/good"
goes_on

step "the same on a disk"
by_disk "$scratch/good"
goes_on

step "required, and none is there"
boot
refused 'one, by fw_cfg or on a partition labelled "reburst-ticket"' 'none'

step "expired: the machine's clock is three days later"
by_firmware "$scratch/good" -rtc "base=$(date -u -d '+3 days' +%Y-%m-%dT%H:%M:%S)"
refused 'an expiry after ' 'it expired at '

step "a changed byte"
sed 's/"security_epoch":1/"security_epoch":2/' "$scratch/good" >"$scratch/changed-ticket"
if cmp -s "$scratch/good" "$scratch/changed-ticket"; then sed 's/"security_epoch":0/"security_epoch":1/' "$scratch/good" >"$scratch/changed-ticket"; fi
by_firmware "$scratch/changed-ticket"
refused 'SHA-256 ' 'SHA-256 .*: files of different moments'

step "two that differ"
by_disk "$scratch/good" -fw_cfg "name=opt/org.reburst.ticket,file=$scratch/changed-ticket"
refused 'one ticket' 'two that differ, by fw_cfg and on a disk'

step "an image without a trusted root takes none, required or not"
initrd optional -
by_firmware "$scratch/good"
refused 'a trusted root in the image' 'none'

step "of another release of the registry"
expect 0 reburst yank web "$version" --reason gone --registry "$registry"
published 20200101T000000Z
initrd optional "$root"
make_ticket "$scratch/other"
by_firmware "$scratch/other"
refused "the release web/stable/$version" 'other releases: it was yanked, or the ticket is of another'
expect 18 reburst ticket "web@$version" --for web-17 --registry "$registry"
says 'was yanked at'
