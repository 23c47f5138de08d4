#!/usr/bin/env bash
# The OCI door: a layout and a push, judged by Debian's docker-registry and skopeo and by @sigstore/verify.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/oci_lib.sh"
: "${OCI_DRIVER:?the program that publishes and pushes}"
layout=$scratch/oci
make_bundle() { "$OCI_DRIVER" bundle "$@"; }
publish() { "$OCI_DRIVER" add "$layout" "$@"; }
push() { "$OCI_DRIVER" push "$layout" "$@"; }
digest_of() { sha256sum "$1" | cut -d' ' -f1; }
tag_of() { "$OCI_DRIVER" check "$layout" | sed -n "s/^$1 //p"; }
get() { curl -fsS -u robot:s3cret "$@"; }
accept='Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json'

step "a release: a disk, its manifest, a signature and a provenance"
sign_key good
sign_key other
mkdir -p "$scratch/web/files" "$scratch/web/bundles"
head -c 3000000 /dev/urandom >"$scratch/web/files/web_1.raw"
truncate -s 160M "$scratch/web/files/web_1.raw"
echo '{"role":"web"}' >"$scratch/web/files/manifest.json"
bundle() { # FOLDER NAME TYPE SUBJECT
  printf '%s' "$3" >"$1/bundles/$2.type"
  envelope good "$3" "$4" >"$scratch/envelope"
  make_bundle "$scratch/envelope" "$scratch/good.der" >"$1/bundles/$2"
}
digest=$(publish "$scratch/web" 1)
bundle "$scratch/web" signature https://sigstore.dev/cosign/sign/v1 "${digest#sha256:}"
bundle "$scratch/web" provenance https://slsa.dev/provenance/v1 "$(digest_of "$scratch/web/files/web_1.raw")"
expect 0 publish "$scratch/web" 1 stable
says "^$digest$"
[ "$(tag_of stable)" = "$digest" ] || fail "stable is not the release"
[ "$(stat -c %h "$layout/blobs/sha256/$(digest_of "$scratch/web/files/web_1.raw")")" -eq 2 ] || fail "the disk was copied, not linked"
subject=sha256-${digest#sha256:}

step "@sigstore/verify takes the bundle for the right key, and nothing else"
verify() { npm_client verify_bundle.cjs "$@"; }
for name in signature provenance; do
  expect 0 verify "$scratch/web/bundles/$name" "$scratch/good.pem"
  says '"_type": "https://in-toto.io/Statement/v1"'
done
expect 1 verify "$scratch/web/bundles/signature" "$scratch/other.pem"
says 'PUBLIC_KEY_ERROR'
expect 1 verify "$scratch/web/bundles/signature" "$scratch/other.pem" "$scratch/good.pem"
says 'SIGNATURE_ERROR'
change() { python3 -c '
import base64, json, sys
bundle = json.load(open(sys.argv[1]))
envelope = bundle["dsseEnvelope"]
if sys.argv[2] == "payload":
    envelope["payload"] = base64.b64encode(base64.b64decode(envelope["payload"]).replace(b"web", b"bew")).decode()
else:
    envelope["payloadType"] = "application/json"
json.dump(bundle, open(sys.argv[3], "w"))' "$scratch/web/bundles/signature" "$1" "$scratch/changed"; }
for part in payload type; do
  change $part
  expect 1 verify "$scratch/changed" "$scratch/good.pem"
  says 'SIGNATURE_ERROR'
done

step "a key that did not sign makes no bundle"
expect 4 make_bundle "$scratch/envelope" "$scratch/other.der"
says 'did not sign its envelope'

step "a registry that asks for a name and a password"
# shellcheck disable=SC2016 # perl's own dollar signs
password=$(perl -e 'print crypt("s3cret", q($2b$05$abcdefghijklmnopqrstuu))')
echo "robot:$password" >"$scratch/htpasswd"
htpasswd="{htpasswd: {realm: test, path: $scratch/htpasswd}}"
start_registry basic "$htpasswd"
expect 7 push stable "$registry/images/web" --plain-http
says 'the registry asks for a user name and a password'
expect 7 push stable "$registry/images/web" --plain-http --user robot --password wrong
says "hint: check the user's name and password"
! grep -q wrong "$scratch/err" || fail "the password is shown"
expect 7 push stable "$registry/images/web"
says 'TLS|SSL|wrong version'
# The disk has 160 MiB: less memory than that has to do.
limited() { (ulimit -v 120000 && push "$@"); }
expect 0 limited stable "$registry/images/web" --plain-http --user robot --password s3cret
says "^$digest$"
expect 0 push 1 "$registry/images/web" --plain-http --user robot --password s3cret
[ "$(grep -c '"POST /v2/' "$scratch/basic.log")" -eq 5 ] || fail "a blob was sent twice"

step "skopeo sees the digest, and brings the same bytes back"
skopeo() { command skopeo --tmpdir "$scratch" "$@"; }
expect 0 skopeo inspect --tls-verify=false --creds robot:s3cret --raw "docker://$registry/images/web:stable"
[ "sha256:$(digest_of "$scratch/out")" = "$digest" ] || fail "skopeo sees another manifest"
expect 0 skopeo copy --preserve-digests --src-tls-verify=false --src-creds robot:s3cret "docker://$registry/images/web:stable" "oci:$scratch/back:stable"
cmp "$layout/blobs/sha256/${digest#sha256:}" "$scratch/back/blobs/sha256/${digest#sha256:}"
cmp "$scratch/web/files/web_1.raw" "$scratch/back/blobs/sha256/$(digest_of "$scratch/web/files/web_1.raw")"
[ "$("$OCI_DRIVER" check "$scratch/back")" = "stable $digest" ] || fail "what skopeo wrote is refused"

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
check_referrers() {
  referrers images/web >"$scratch/referrers"
  [ "$(cut -d' ' -f2- "$scratch/referrers" | sort)" = "application/vnd.dev.sigstore.bundle.v0.3+json https://sigstore.dev/cosign/sign/v1
application/vnd.dev.sigstore.bundle.v0.3+json https://slsa.dev/provenance/v1" ] || { cat "$scratch/referrers"; fail "other referrers"; }
  while read -r manifest _; do
    blob=$(get -H "$accept" "http://$registry/v2/images/web/manifests/$manifest" |
           python3 -c 'import json, sys; m = json.load(sys.stdin); assert m["subject"]["digest"] == sys.argv[1]; print(m["layers"][0]["digest"])' "$digest")
    get "http://$registry/v2/images/web/blobs/$blob" >"$scratch/bundle"
    expect 0 verify "$scratch/bundle" "$scratch/good.pem"
  done <"$scratch/referrers"
}
check_referrers

step "garbage collection spares the referrers, and takes what has no tag"
empty=sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
printf '%s' "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\"$empty\",\"size\":2},\"layers\":[]}" >"$scratch/untagged"
get -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' -T "$scratch/untagged" "http://$registry/v2/images/web/manifests/sha256:$(digest_of "$scratch/untagged")"
stop_servers
expect 0 docker-registry garbage-collect --delete-untagged "$scratch/basic.yml"
[ "$(grep -c '^manifest eligible for deletion' "$scratch/out")" -eq 1 ] || { cat "$scratch/out"; fail "not the untagged manifest alone was collected"; }
start_registry basic "$htpasswd"
check_referrers
get "http://$registry/v2/images/web/blobs/sha256:$(digest_of "$scratch/web/files/web_1.raw")" | cmp - "$scratch/web/files/web_1.raw"

step "the referrers of others stay in the fallback index"
others=$(get -H "$accept" "http://$registry/v2/images/web/manifests/$subject" | python3 -c '
import json, sys
index = json.load(sys.stdin)
index["manifests"] = [dict(index["manifests"][0], artifactType="application/vnd.example.note", annotations={"note": "mine"},
                           digest=sys.argv[1], size=int(sys.argv[2]))]
json.dump(index, sys.stdout)' "$digest" "$(stat -c %s "$layout/blobs/sha256/${digest#sha256:}")")
get -H 'Content-Type: application/vnd.oci.image.index.v1+json' -X PUT --data-binary "$others" "http://$registry/v2/images/web/manifests/$subject"
expect 0 push stable "$registry/images/web" --plain-http --user robot --password s3cret
[ "$(get -H "$accept" "http://$registry/v2/images/web/manifests/$subject" | python3 -c '
import json, sys
print(sorted(m["artifactType"] for m in json.load(sys.stdin)["manifests"]))')" = "['application/vnd.dev.sigstore.bundle.v0.3+json', 'application/vnd.dev.sigstore.bundle.v0.3+json', 'application/vnd.example.note']" ] || fail "the entry of another is gone"

step "a registry with TLS and a token server"
authority
python3 "$SOURCE/tests/support/oci/token_server.py" "$scratch/server.pem" "$scratch/server.key" robot s3cret "$scratch/port" "http://$registry/v2/" &
servers+=($!)
wait_for 20 test -s "$scratch/port"
token="https://127.0.0.1:$(cat "$scratch/port")"
start_registry token "{token: {realm: $token/token, service: the registry, issuer: issuer.example.org, rootcertbundle: $scratch/ca.pem}}" \
  "{certificate: $scratch/server.pem, key: $scratch/server.key}"
expect 7 push stable "$registry/images/web" --user robot --password s3cret
says 'install the authority that signed'
trusted=(--authorities "$scratch/ca.pem")
expect 7 push stable "$registry/images/web" "${trusted[@]}" --user robot --password wrong
says 'the token server at "127.0.0.1" refuses: HTTP status 401 \(UNAUTHORIZED: unknown user\)'
expect 0 push stable "$registry/images/web" "${trusted[@]}" --user robot --password s3cret
says "^$digest$"
expect 0 skopeo copy --preserve-digests --src-cert-dir "$scratch/nowhere" --src-tls-verify=false --src-creds robot:s3cret "docker://$registry/images/web:stable" "oci:$scratch/again:stable"
[ "$("$OCI_DRIVER" check "$scratch/again")" = "stable $digest" ] || fail "another digest through TLS"

step "https does not fall back to http"
expect 7 push stable "127.0.0.1:$(cat "$scratch/port")/images/web" "${trusted[@]}" --user robot --password s3cret
says 'the registry redirects elsewhere, but the address at "http://127.0.0.1" is not encrypted'

step "a release that is removed leaves the blobs that another names"
mkdir -p "$scratch/next/files" "$scratch/next/bundles"
ln "$scratch/web/files/web_1.raw" "$scratch/next/files/web_1.raw"
echo '{"role":"web","next":true}' >"$scratch/next/files/manifest.json"
next=$(publish "$scratch/next" 2 stable)
expect 0 "$OCI_DRIVER" remove "$layout" "$digest"
[ "$("$OCI_DRIVER" check "$layout" | sort)" = "2 $next
stable $next" ] || fail "the layout holds something else"
expect 0 skopeo inspect --raw "oci:$layout:stable"
