# Sourced after lib.sh by the tests of the OCI door: real registries on loopback, and keys and envelopes that openssl makes.
servers=()
stop_servers() {
  local server
  for server in "${servers[@]}"; do kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; done || true
  servers=()
}
trap 'stop_servers; cleanup' EXIT

# wait_for SECONDS COMMAND…: until the command succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || fail "waited too long for: $*"; sleep 0.1; done
}

# start_registry NAME AUTH-YAML [TLS-YAML]: Debian's registry over $scratch/NAME; its log is $scratch/NAME.log, its address in
# $registry. The system chooses the port.
start_registry() {
  local name=$1
  cat >"$scratch/$name.yml" <<Y
version: 0.1
log: {level: info, accesslog: {disabled: false}}
storage: {filesystem: {rootdirectory: $scratch/$name}, delete: {enabled: true}}
http: {addr: "127.0.0.1:0", secret: not-one${3:+, tls: $3}}
${2:+auth: $2}
Y
  : >"$scratch/$name.log"
  docker-registry serve "$scratch/$name.yml" >"$scratch/$name.log" 2>&1 &
  servers+=($!)
  wait_for 20 grep -q 'listening on' "$scratch/$name.log"
  registry=$(sed -n 's/.*listening on \(127\.0\.0\.1:[0-9]*\).*/\1/p' "$scratch/$name.log" | head -n 1)
  [ -n "$registry" ] || { cat "$scratch/$name.log"; fail "the registry says no address"; }
}

# sign_key NAME: $scratch/NAME.key (ECDSA P-256), NAME.pem, NAME.der
sign_key() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$scratch/$1.key"
  openssl pkey -in "$scratch/$1.key" -pubout -out "$scratch/$1.pem"
  openssl pkey -in "$scratch/$1.key" -pubout -outform DER -out "$scratch/$1.der"
}

# envelope KEY-NAME PREDICATE-TYPE SUBJECT-HEX: an in-toto statement in a DSSE envelope, by openssl and python alone.
envelope() {
  python3 - "$scratch/$1.key" "$2" "$3" <<'P'
import base64, json, subprocess, sys
key, predicate, subject = sys.argv[1:]
payload = json.dumps({"_type": "https://in-toto.io/Statement/v1", "predicateType": predicate, "predicate": {},
                      "subject": [{"name": "web", "digest": {"sha256": subject}}]}).encode()
kind = b"application/vnd.in-toto+json"
pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=pae, capture_output=True, check=True).stdout
print(json.dumps({"payload": base64.b64encode(payload).decode(), "payloadType": kind.decode(),
                  "signatures": [{"sig": base64.b64encode(signature).decode()}]}))
P
}

# authority: $scratch/ca.pem and a certificate for 127.0.0.1 that it signed, server.pem with server.key.
authority() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=reburst test authority" -keyout "$scratch/ca.key" -out "$scratch/ca.pem" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj "/CN=registry" -keyout "$scratch/server.key" -out "$scratch/server.csr" 2>/dev/null
  printf 'subjectAltName=IP:127.0.0.1\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\n' >"$scratch/server.ext"
  openssl x509 -req -in "$scratch/server.csr" -CA "$scratch/ca.pem" -CAkey "$scratch/ca.key" -CAcreateserial -days 2 \
    -extfile "$scratch/server.ext" -out "$scratch/server.pem" 2>/dev/null
}
