#!/usr/bin/env bash
# The OCI door: what `reburst publish` made and `reburst push` brings to a registry, judged by Debian's docker-registry and
# skopeo and by @sigstore/verify.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
. "$(dirname "$0")/oci_lib.sh"
folder=$registry # in oci_lib.sh "registry" is the address of docker-registry
layout=$folder/oci/tiny
push() { reburst push --registry "$folder" "$@"; }
logged_in() { push "$@" --username robot --password-fd 3 3<<<s3cret; }
digest_of() { sha256sum "$1" | cut -d' ' -f1; }
get() { curl -fsS -u robot:s3cret "$@"; }
accept='Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json'
# A world without anybody's logins.
unset REGISTRY_AUTH_FILE DOCKER_CONFIG
export HOME=$scratch/home XDG_CONFIG_HOME=$scratch/home/config XDG_RUNTIME_DIR=$scratch/home/runtime
mkdir -p "$HOME"

step "a published release, whose disk has 160 MiB"
tiny_release "$scratch/tiny" $one 160
expect 0 reburst publish "$scratch/tiny" --channel stable --registry "$folder"
expect 0 reburst show tiny@stable --registry "$folder" --json
digest=$(sed -n 's/.*"oci":"\(sha256:[0-9a-f]*\)".*/\1/p' "$scratch/out")
disk=$(digest_of "$scratch/tiny/tiny_$one.raw")
subject=sha256-${digest#sha256:}
cp "$keys/release.pub" "$scratch/good.pem"
sign_key other

step "a registry that asks for a name and a password"
# shellcheck disable=SC2016 # perl's own dollar signs
password=$(perl -e 'print crypt("s3cret", q($2b$05$abcdefghijklmnopqrstuu))')
echo "robot:$password" >"$scratch/htpasswd"
htpasswd="{htpasswd: {realm: test, path: $scratch/htpasswd}}"
start_registry basic "$htpasswd"
expect 7 push tiny@stable "$registry/images/web" --plain-http
says 'the registry asks for a user name and a password'
wrong_password() { push "$@" --username robot --password-fd 3 3<<<wr0ng; }
expect 7 wrong_password tiny@stable "$registry/images/web" --plain-http
says "hint: check the user's name and password"
! grep -q wr0ng "$scratch/err" || fail "the password is shown"
expect 7 push tiny@stable "$registry/images/web"
says 'TLS|SSL|wrong version'
# The disk has 160 MiB: less memory than that has to do.
limited() { (ulimit -v 150000 && logged_in "$@"); }
expect 0 limited tiny@stable "$registry/images/web" --plain-http
says "tags  $one, stable$"
says "^$registry/images/web@$digest$"
uploads=$(grep -c '"POST /v2/' "$scratch/basic.log")
expect 0 logged_in tiny@$one "$registry/images/web:candidate" --plain-http --json
says "\"digest\":\"$digest\",\"repository\":\"$registry/images/web\",\"role\":\"tiny\",\"tags\":\[\"candidate\"\],\"version\":\"$one\""
[ "$(grep -c '"POST /v2/' "$scratch/basic.log")" -eq "$uploads" ] || fail "a blob was sent twice"
[ "$(get "http://$registry/v2/images/web/tags/list" | python3 -c '
import json, sys
print(*sorted(tag for tag in json.load(sys.stdin)["tags"] if not tag.startswith("sha256-")))')" = "$one candidate stable" ] || fail "other tags"

step "names and passwords as skopeo login keeps them"
expect 0 skopeo login --tls-verify=false --authfile "$scratch/auth.json" --username robot --password s3cret "$registry"
expect 0 push tiny "$registry/images/web" --plain-http --authfile "$scratch/auth.json"
REGISTRY_AUTH_FILE=$scratch/auth.json expect 0 push tiny "$registry/images/web" --plain-http
REGISTRY_AUTH_FILE=$scratch/nowhere expect 8 push tiny "$registry/images/web" --plain-http
mkdir "$HOME/.docker"
cp "$scratch/auth.json" "$HOME/.docker/config.json"
expect 0 push tiny "$registry/images/web" --plain-http
rm -r "$HOME/.docker"
from_stdin() { echo s3cret | reburst push --registry "$folder" tiny "$registry/images/web" --plain-http --username robot --password-stdin; }
expect 0 from_stdin
# At a terminal it is asked, and not shown.
at_terminal() { (for _ in {1..300}; do ! grep -q 'password of robot: ' "$scratch/out" || break; sleep 0.1; done; echo "$1"; sleep 1) | timeout 60 script -qefc "'$REBURST' push tiny '$registry/images/web' --plain-http --username robot --registry '$folder' --cache '$WORK/cache'" /dev/null; }
expect 0 at_terminal s3cret
says '^password of robot: '
expect 7 at_terminal wr0ng
says "check the user's name and password"
if grep -q wr0ng "$scratch/out"; then fail "the password is shown"; fi

step "what makes no sense is refused before anything is sent"
refuses() { # STATUS MESSAGE HINT ARGUMENTS…
  expect "$1" push "${@:4}"
  printf 'reburst: error: %s\n%s' "$2" "${3:+  hint: $3
}" | diff - "$scratch/err" || fail "another message"
}
refuses 2 '--username "robot" comes without a password' 'give it with --password-stdin or --password-fd N, or let skopeo login keep both' \
  tiny registry.example.org/images/web --username robot
refuses 2 'a password comes without --username' 'name the user that it belongs to' tiny registry.example.org/images/web --password-stdin
refuses 2 'the password from standard input is empty' '' tiny registry.example.org/images/web --username robot --password-stdin
refuses 2 'cannot push to "registry.example.org/images/web": "a b" is no tag for a release' \
  'use at most 128 letters, digits, "_", "." and "-", and do not begin with "sha256-"' tiny "registry.example.org/images/web:a b"
refuses 7 'cannot push to "registry.example.org/images/web": --offline forbids it' '' tiny registry.example.org/images/web --offline
expect 2 reburst push tiny registry.example.org/images/web --registry https://registry.example.org
says 'cannot push from "https://registry.example.org": it is an address'
expect 8 push tiny@20250101T000000Z "$registry/images/web" --plain-http
expect 2 push tiny http://registry.example.org/images/web
says 'a destination has no "://"'

step "skopeo sees the digest, and brings the same bytes back"
skopeo() { command skopeo --tmpdir "$scratch" "$@"; }
expect 0 skopeo inspect --tls-verify=false --creds robot:s3cret --raw "docker://$registry/images/web:stable"
[ "sha256:$(digest_of "$scratch/out")" = "$digest" ] || fail "skopeo sees another manifest"
expect 0 skopeo copy --preserve-digests --src-tls-verify=false --src-creds robot:s3cret "docker://$registry/images/web:stable" "oci:$scratch/back:stable"
cmp "$layout/blobs/sha256/${digest#sha256:}" "$scratch/back/blobs/sha256/${digest#sha256:}"
cmp "$scratch/tiny/tiny_$one.raw" "$scratch/back/blobs/sha256/$disk"

step "skopeo pushes from our layout and keeps the digest"
expect 0 skopeo copy --preserve-digests --dest-tls-verify=false --dest-creds robot:s3cret "oci:$layout:stable" "docker://$registry/copies/web:stable"
expect 0 skopeo copy --all --preserve-digests --dest-tls-verify=false --dest-creds robot:s3cret "oci:$layout:$subject.signature" "docker://$registry/copies/web:signature"
[ "sha256:$(get -H "$accept" "http://$registry/v2/copies/web/manifests/stable" | sha256sum | cut -d' ' -f1)" = "$digest" ] || fail "another digest"

step "the fallback index leads to every referrer, and their bundles verify"
referrers() { # REPOSITORY: prints digest, artifact type and predicate type of each; every one must be there
  local list
  list=$(get -H "$accept" "http://$registry/v2/$1/manifests/$subject") || fail "no fallback index"
  python3 -c '
import json, sys
for each in json.load(sys.stdin)["manifests"]:
    print(each["digest"], each["artifactType"], each["annotations"]["dev.sigstore.bundle.predicateType"])' <<<"$list"
}
verify() { npm_client verify_bundle.cjs "$@"; }
bundle=application/vnd.dev.sigstore.bundle.v0.3+json
check_referrers() {
  referrers images/web >"$scratch/referrers"
  [ "$(cut -d' ' -f2- "$scratch/referrers" | sort)" = "$(printf "$bundle %s\n" https://cyclonedx.org/bom https://sigstore.dev/cosign/sign/v1 https://slsa.dev/provenance/v1 https://spdx.dev/Document)" ] || { cat "$scratch/referrers"; fail "other referrers"; }
  while read -r manifest _ type; do
    blob=$(get -H "$accept" "http://$registry/v2/images/web/manifests/$manifest" |
           python3 -c 'import json, sys; m = json.load(sys.stdin); assert m["subject"]["digest"] == sys.argv[1]; print(m["layers"][0]["digest"])' "$digest")
    get "http://$registry/v2/images/web/blobs/$blob" >"$scratch/bundle.$(basename "$type")"
    expect 0 verify "$scratch/bundle.$(basename "$type")" "$scratch/good.pem"
    says "\"predicateType\":\"$type\""
    # The signature is about the manifest, the others about the files.
    case $type in */sign/v1) says "\"sha256\":\"${digest#sha256:}\"" ;; *) says "\"sha256\":\"$disk\"" ;; esac
  done <"$scratch/referrers"
}
check_referrers

step "@sigstore/verify takes no other key and no other payload"
expect 1 verify "$scratch/bundle.v1" "$scratch/other.pem"
says 'PUBLIC_KEY_ERROR'
expect 1 verify "$scratch/bundle.v1" "$scratch/other.pem" "$scratch/good.pem"
says 'SIGNATURE_ERROR'
change() { python3 -c '
import base64, json, sys
bundle = json.load(open(sys.argv[1]))
envelope = bundle["dsseEnvelope"]
if sys.argv[2] == "payload":
    envelope["payload"] = base64.b64encode(base64.b64decode(envelope["payload"]).replace(b"tiny", b"tine")).decode()
else:
    envelope["payloadType"] = "application/json"
json.dump(bundle, open(sys.argv[3], "w"))' "$scratch/bundle.v1" "$1" "$scratch/changed"; }
for part in payload type; do
  change $part
  expect 1 verify "$scratch/changed" "$scratch/good.pem"
  says 'SIGNATURE_ERROR'
done

step "garbage collection spares the referrers, and takes what has no tag"
empty=sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
printf '%s' "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\"$empty\",\"size\":2},\"layers\":[]}" >"$scratch/untagged"
get -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' -T "$scratch/untagged" "http://$registry/v2/images/web/manifests/sha256:$(digest_of "$scratch/untagged")"
stop_servers
expect 0 docker-registry garbage-collect --delete-untagged "$scratch/basic.yml"
[ "$(grep -c '^manifest eligible for deletion' "$scratch/out")" -eq 1 ] || { cat "$scratch/out"; fail "not the untagged manifest alone was collected"; }
start_registry basic "$htpasswd"
check_referrers
get "http://$registry/v2/images/web/blobs/sha256:$disk" | cmp - "$scratch/tiny/tiny_$one.raw"

step "the referrers of others stay in the fallback index"
others=$(get -H "$accept" "http://$registry/v2/images/web/manifests/$subject" | python3 -c '
import json, sys
index = json.load(sys.stdin)
index["manifests"] = [dict(index["manifests"][0], artifactType="application/vnd.example.note", annotations={"note": "mine"},
                           digest=sys.argv[1], size=int(sys.argv[2]))]
json.dump(index, sys.stdout)' "$digest" "$(stat -c %s "$layout/blobs/sha256/${digest#sha256:}")")
get -H 'Content-Type: application/vnd.oci.image.index.v1+json' -X PUT --data-binary "$others" "http://$registry/v2/images/web/manifests/$subject"
expect 0 logged_in tiny "$registry/images/web" --plain-http
[ "$(get -H "$accept" "http://$registry/v2/images/web/manifests/$subject" | python3 -c '
import json, sys
print(*sorted(m["artifactType"] for m in json.load(sys.stdin)["manifests"]))')" = "$bundle $bundle $bundle $bundle application/vnd.example.note" ] || fail "the entry of another is gone"

step "a registry with TLS and a token server"
authority
python3 "$SOURCE/tests/support/oci/token_server.py" "$scratch/server.pem" "$scratch/server.key" robot s3cret "$scratch/port" "http://$registry/v2/" &
servers+=($!)
wait_for 20 test -s "$scratch/port"
token="https://127.0.0.1:$(cat "$scratch/port")"
start_registry token "{token: {realm: $token/token, service: the registry, issuer: issuer.example.org, rootcertbundle: $scratch/ca.pem}}" \
  "{certificate: $scratch/server.pem, key: $scratch/server.key}"
expect 7 logged_in tiny "$registry/images/web"
says 'install the authority that signed'
trusted=(--authorities "$scratch/ca.pem")
expect 7 wrong_password tiny "$registry/images/web" "${trusted[@]}"
says 'the token server at "127.0.0.1" refuses: HTTP status 401 \(UNAUTHORIZED: unknown user\)'
expect 0 logged_in tiny "$registry/images/web" "${trusted[@]}"
says "^$registry/images/web@$digest$"
expect 0 skopeo copy --preserve-digests --src-cert-dir "$scratch/nowhere" --src-tls-verify=false --src-creds robot:s3cret "docker://$registry/images/web:stable" "oci:$scratch/again:stable"
cmp "$layout/blobs/sha256/${digest#sha256:}" "$scratch/again/blobs/sha256/${digest#sha256:}"

step "https does not fall back to http"
expect 7 logged_in tiny "127.0.0.1:$(cat "$scratch/port")/images/web" "${trusted[@]}"
says 'the registry redirects elsewhere, but the address at "http://127.0.0.1" is not encrypted'

step "a layout that shows another manifest than the metadata names is not pushed"
tiny_release "$scratch/next" $two
expect 0 reburst publish "$scratch/next" --channel stable --registry "$folder"
python3 - "$layout/index.json" $one $two <<'P'
import json, sys
path, one, two = sys.argv[1:]
text = open(path).read()
open(path, "w").write(text.replace(one, "swap").replace(two, one).replace("swap", two))
P
start_registry basic "$htpasswd"
expect 6 logged_in tiny@$one "$registry/images/web:swapped" --plain-http
says "cannot push \"tiny\" $one: the OCI layout \"$layout\" shows another manifest than the signed metadata"
says "  expected: $digest"
! get -H "$accept" "http://$registry/v2/images/web/manifests/swapped" 2>/dev/null || fail "it was pushed"
