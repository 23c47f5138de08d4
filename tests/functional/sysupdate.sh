#!/usr/bin/env bash
# images/ is judged by the next Debian's systemd-sysupdate, since bookworm's systemd has none. Its version 257 does not mind
# BEST-BEFORE- files yet: tests/functional/doors.sh looks at ours.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
[ "$(id -u)" = 0 ] || fail "sysupdate.sh changes its root, and needs to be root for that"
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY # it would ask a proxy even for loopback

step "trixie's systemd-sysupdate, unpacked from the machine's own mirror"
root=$WORK/sysupdate-root
if [ ! -e "$root.made" ]; then
  # shellcheck disable=SC2016 # apt's own
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
  [ -n "$mirror" ] || fail "apt knows no mirror of bookworm"
  rm -rf --one-file-system "$root"
  expect 0 timeout 600 mmdebstrap --mode=root --variant=extract --include=systemd-container,gpg,gpgv,gpg-agent trixie "$root" "$mirror"
  touch "$root.made"
fi

step "two published releases, and a definition that names their folder"
cd "$scratch"
tiny_release first $one 48
tiny_release second $two 48
expect 0 reburst publish first
expect 0 reburst publish second
images=$root/var/lib/images
mkdir -p "$root/etc/systemd" "$root/etc/sysupdate.d"
cp "$keys/openpgp.key.pub" "$root/etc/systemd/import-pubring.gpg"
define() { # URL
  rm -rf "$images" && mkdir -p "$images"
  printf '%s\n' '[Source]' Type=url-file "Path=$1" MatchPattern=tiny_@v.raw \
    '[Target]' Type=regular-file Path=/var/lib/images MatchPattern=tiny_@v.raw InstancesMax=2 >"$root/etc/sysupdate.d/50-tiny.transfer"
}
sysupdate() {
  # shellcheck disable=SC2016 # the inner shell's own
  timeout 120 unshare --mount bash -euc '
    mount -t proc proc "$1/proc"
    mount --rbind /dev "$1/dev"
    mount -t tmpfs none "$1/tmp"
    exec chroot "$1" /usr/lib/systemd/systemd-sysupdate "${@:2}"' - "$root" "$@"
}

step "it sees the newest release, and installs it"
serve "$registry"
define "$url/images/tiny/dev/"
expect 0 sysupdate list
says "$two.*(available|candidate)"
says "$one.*available"
expect 0 sysupdate update
says "Successfully installed update '$two'"
cmp "$images/tiny_$two.raw" second/tiny_$two.raw
expect 0 sysupdate list
says "$two.*(current|installed)"
stop_server

step "what was changed is not installed"
damaged() {
  stop_server
  rm -rf served && cp -rL "$registry/images/tiny/dev" served
  serve served
  define "$url/"
}
refuses() { # PATTERN
  expect 1 sysupdate update
  says "$1"
  [ -z "$(find "$images" -name 'tiny_*')" ] || fail "it was installed"
}
damaged
printf X | dd of=served/tiny_$two.raw bs=1 seek=4000000 conv=notrunc status=none
refuses 'DOWNLOAD INVALID|does not match|did not check out'
damaged
sed -i "/tiny_$one.raw/d" served/SHA256SUMS
refuses 'Signature verification failed'
damaged
expect 0 sysupdate update
