#!/usr/bin/env bash
# Servers that fail, lie, drip, never end or lead elsewhere: each is refused with a reason that names the file and the rule, in
# bounded time and memory; nothing is installed, and the trusted state stays byte for byte. And what a broken connection or a
# kill left is not fetched again.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry_lib.sh"
make_small_releases
first=$releases/out/shop/$one
second=$releases/out/shop/$two

# start_server ELSEWHERE: its port in $port, its process among $servers.
servers=()
start_server() {
  local out=$scratch/server.${#servers[@]} tries=0
  : >"$out"
  python3 "$SOURCE/tests/support/http/hostile_server.py" "$registry" "$scratch/requests" "$@" >"$out" 2>"$out.log" &
  servers+=($!)
  until port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$out") && [ -n "$port" ]; do
    sleep 0.1
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || fail "no server"
  done
}
stop_servers() { kill "${servers[@]}" 2>/dev/null || true; }  # they may have ended
trap 'stop_servers; cleanup' EXIT

# A client that has seen the first publication; the servers have the second.
expect 0 reburst publish "$first" --registry "$registry"
expect 0 reburst list --registry "$registry" --root "$keys/root.json"
expect 0 reburst publish "$second" --registry "$registry"
# The latest time known moves with every success, and every case begins with the same state.
cp -r "$XDG_STATE_HOME" "$scratch/seen"
start_server
start_server "http://127.0.0.1:$port"
url=http://127.0.0.1:$port

cat >"$scratch/bounded.py" <<'PY'
# bounded.py SECONDS MEGABYTES COMMAND…: its exit status, or 99 when it took more of either.
import resource, subprocess, sys
try:
    status = subprocess.run(sys.argv[3:], timeout=float(sys.argv[1])).returncode
except subprocess.TimeoutExpired:
    sys.exit("it took longer than " + sys.argv[1] + " s")
used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
if used > int(sys.argv[2]):
    sys.exit(f"it used {used} MB")
sys.exit(status)
PY

# begin CASE: its world, whose client has seen the first publication where that case is (docs/formats/trust-state.md).
begin() {
  local mine=$scratch/$1 known
  mkdir -p "$mine" && cp -r "$scratch/seen" "$mine/state"
  known=$(echo "$mine/state/reburst/trust"/*/*)
  mv -T "$known" "${known%/*}/$(printf %s "$url/$1" | sha256sum | cut -c 1-64)"
}
changed() { diff -r "${@:3}" "$1/reburst/trust"/*/* "$2/reburst/trust"/*/*; } # STATE STATE OPTION…: of one place each

# pull CASE OPTION…: in a world of its own.
pull() {
  local mine=$scratch/$1
  [ -d "$mine" ] || begin "$1"
  XDG_STATE_HOME=$mine/state python3 "$scratch/bounded.py" 90 "${memory:-150}" \
    "$REBURST" pull shop@dev --registry "$url/$1" --root "$keys/root.json" --out "$mine/out/pulled" --cache "$mine/cache" \
    --jobs 2 "${@:2}" >"$mine/log" 2>&1 </dev/null
}

# refuse CASE STATUS PATTERN: beside the others, as most of it is waiting.
cases=()
refuse() {
  cases+=("$1")
  (
    status=0
    pull "$1" --deadline 2 || status=$?
    mine=$scratch/$1
    [ "$status" -eq "$2" ] || echo "ended with status $status, expected $2" >>"$mine/wrong"
    grep -qE -- "$3" "$mine/log" || echo "nothing says: $3" >>"$mine/wrong"
    [ ! -e "$mine/out/pulled" ] || echo "something was installed" >>"$mine/wrong"
    changed "$scratch/seen" "$mine/state" >>"$mine/wrong" || true  # what differs is what is wrong
    echo done >"$mine/done"
  ) &
  running+=($!)
  [ "${#running[@]}" -lt 12 ] || { wait "${running[@]}"; running=(); }
}
running=()

step "500, to everything and to one file"
refuse 'error~' 7 'cannot fetch ".*/metadata/2.root.json": .*(500|was not done within)'
refuse 'error~snapshot' 7 'snapshot.json": .*(500|was not done within)'
refuse 'error~manifest.json' 7 'manifest.json": .*500'
refuse 'error~cacnk' 7 'cacnk": .*500'

step "bodies cut short, with and without saying so"
refuse 'truncate~timestamp' 7 'timestamp.json"'
refuse 'truncate~manifest.json' 7 'manifest.json"'
refuse 'truncate~cacnk' 7 'cacnk"'
refuse 'short~timestamp' 6 'timestamp.json'
refuse 'short~snapshot' 6 'snapshot.json.*TUF 5\.5'
refuse 'short~manifest.json' 6 'manifest.json".*size'
refuse 'short~cacnk' 6 'chunk'

step "bodies without an end"
for kind in endless boundless; do
  refuse "$kind~timestamp" 6 'timestamp.json.*TUF 5\.4\.1: endless data'
  refuse "$kind~2.root.json" 6 '2.root.json.*TUF 5\.3\.3: endless data'
  refuse "$kind~shop-dev" 6 'shop-dev.json.*TUF 5\.6\.1: endless data'
  refuse "$kind~history" 6 'history.jsonl": it is larger than'
  refuse "$kind~manifest.json" 6 'manifest.json".*size'
  refuse "$kind~cacnk" 6 'cacnk" is larger than the chunk can be'
done

step "one byte a second"
refuse 'drip~timestamp' 7 'timestamp.json".*was not done within 2 s'
refuse 'drip~history' 7 'history.jsonl".*was not done within 2 s'
refuse 'drip~manifest.json' 7 'manifest.json": .*too slow'
refuse 'drip~cacnk' 7 'cacnk": .*too slow'

step "redirects to another server and to a file"
refuse 'away~timestamp' 7 'timestamp.json": the server redirects to "http://.*", which is elsewhere'
refuse 'away~manifest.json' 7 'manifest.json": the server redirects to "http://.*", which is elsewhere'
refuse 'away~cacnk' 7 'cacnk": the server redirects to "http://.*", which is elsewhere'
refuse 'local~timestamp' 7 'timestamp.json": the server redirects to "file://.*", which is elsewhere'
refuse 'local~cacnk' 7 'cacnk": the server redirects to "file://.*", which is elsewhere'

step "a range that nobody asked for"
refuse 'range~timestamp' 7 'cannot fetch "http://.*/metadata/timestamp.json": the server sends another range than was asked for$'
refuse 'range~manifest.json' 7 'cannot fetch "http://.*manifest.json": the server sends another range than was asked for$'
refuse 'range~cacnk' 7 'cannot fetch "http://.*cacnk": the server sends another range than was asked for$'

step "a part, and not a word of which"
refuse 'unsaid~timestamp' 7 'cannot fetch "http://.*/metadata/timestamp.json": the server sends a part \(HTTP status 206\) and does not say which$'
refuse 'unsaid~manifest.json' 7 'cannot fetch "http://.*manifest.json": the server sends a part \(HTTP status 206\) and does not say which$'
refuse 'unsaid~cacnk' 7 'cannot fetch "http://.*cacnk": the server sends a part \(HTTP status 206\) and does not say which$'

step "503, and when to ask again"
refuse 'busy~timestamp' 7 '^  the last answer: HTTP status 503, and wants to be asked again in 7200 s$'
refuse 'busy~cacnk' 7 'cannot fetch "http://.*cacnk": HTTP status 503, and wants to be asked again in 7200 s$'

step "a page where metadata is expected"
refuse 'page~' 7 'cannot accept "http://.*/metadata/2.root.json": it is a page \(HTML or XML\), and metadata is expected$'
refuse 'page~2.root.json' 7 'hint: check the registry.s address; if it is right, the server has to answer 404 for what is not there$'
refuse 'insteadof~timestamp' 7 'cannot accept "http://.*/metadata/timestamp.json": it is a page \(HTML or XML\), and metadata is expected$'

step "403 for what is needed"
refuse 'forbidden~timestamp' 7 'timestamp.json": HTTP status 403'
refuse 'forbidden~shop-dev' 7 'shop-dev.json": HTTP status 403'

[ "${#running[@]}" -eq 0 ] || wait "${running[@]}"
wrong=0
for each in "${cases[@]}"; do
  [ -e "$scratch/$each/done" ] || { echo "$each: was not tried"; wrong=$((wrong + 1)); }
  [ ! -s "$scratch/$each/wrong" ] || { echo "$each:" && cat "$scratch/$each/wrong" "$scratch/$each/log" && wrong=$((wrong + 1)); }
done
[ "$wrong" -eq 0 ] || fail "$wrong of ${#cases[@]} servers"
[ "${#cases[@]}" -ge 35 ] || fail "only ${#cases[@]} servers"

works() { pull "$1" || { cat "$scratch/$1/log"; fail "$1: pull failed"; }; cmp "$second"/*.raw "$scratch/$1/out/pulled"/*.raw; }
step "403 for a root that is not there, as object stores answer it, ends the chain of roots"
works 'hidden~'
grep -q '^hidden~ metadata/2.root.json ' "$scratch/requests" || fail "no next root was asked for"

step "a redirect within the server is followed"
works 'around~'
expect 0 reburst verify "$scratch/around~/out/pulled" --root "$keys/root.json"

step "a connection that broke is taken up where it broke"
works 'cut~'
[ "$(grep -c '^cut~ .*\.efi ' "$scratch/requests")" -eq 2 ]
grep -qE '^cut~ .*\.efi [1-9][0-9]*$' "$scratch/requests" || fail "the file was fetched from its beginning again"

step "an answer with another range than was asked for is thrown away, and the whole is fetched"
pull 'truncate~.efi' && fail "half a file was accepted"
mv "$scratch/truncate~.efi" "$scratch/shifted~.efi"
rm -rf "$scratch/shifted~.efi/log"
works 'shifted~.efi'
grep -qE '^shifted~\.efi .*\.efi [1-9]' "$scratch/requests" || fail "nothing was resumed"
grep -qE '^shifted~\.efi .*\.efi 0$' "$scratch/requests" || fail "the whole was not fetched"

step "killed under way: only what is missing is fetched"
mine=$scratch/slow~cacnk
begin slow~cacnk
XDG_STATE_HOME=$mine/state "$REBURST" pull shop@dev --registry "$url/slow~cacnk" --root "$keys/root.json" \
  --out "$mine/out/pulled" --cache "$mine/cache" --jobs 1 >"$mine/log" 2>&1 &
puller=$!
tries=0
until [ "$(grep -c '^slow~cacnk .*cacnk' "$scratch/requests" || true)" -ge 14 ]; do # none yet is no failure
  sleep 0.02
  tries=$((tries + 1))
  [ "$tries" -lt 500 ] || fail "the pull did not begin"
done
kill -KILL "$puller"
wait "$puller" 2>/dev/null || true  # it was killed
[ ! -e "$mine/out/pulled" ] || fail "half a pull was placed"
changed "$scratch/seen" "$mine/state"
grep '^slow~cacnk' "$scratch/requests" | sort >"$scratch/before"
works 'slow~cacnk'
grep '^slow~cacnk' "$scratch/requests" | sort >"$scratch/all"
python3 - "$scratch/before" "$scratch/all" <<'PY'
import collections, sys
before, both = (collections.Counter(l.split()[1] for l in open(n)) for n in sys.argv[1:])
after = both - before
chunks = lambda c: {n for n in c if n.endswith(".cacnk")}
again = chunks(before) & chunks(after)
assert len(again) <= 8, f"{len(again)} chunks were fetched again"  # those that were under way: 6 connections, a thread
assert len(chunks(after)) <= len(chunks(both)) - 6, (len(chunks(after)), len(chunks(both)))
files = [n for n in after if n.startswith("targets/") and not n.endswith("history.jsonl")]
assert not files, files
PY

step "a slow pull puts no older release over that of a faster one, which saw more"
mine=$scratch/held~cacnk
begin held~cacnk
pull 'held~cacnk' &
slow=$!
tries=0
until grep -q '^held~cacnk .*cacnk' "$scratch/requests"; do
  sleep 0.05
  tries=$((tries + 1))
  [ "$tries" -lt 400 ] || fail "the slow pull did not begin"
done
expect 0 reburst promote shop $one --to dev --reason back --registry "$registry"
# The faster one is not held up, so it comes from the folder, and what it has seen there is put where the slow one looks.
cp -r "$scratch/seen" "$scratch/fast"
XDG_STATE_HOME=$scratch/fast expect 0 reburst pull shop@dev --registry "$registry" --root "$keys/root.json" --out "$mine/out/pulled"
known=$(echo "$mine/state/reburst/trust"/*/*)
rm -r "$known" && cp -r "$scratch/fast/reburst/trust"/*/* "$known"
cp -r "$mine/state" "$scratch/faster"
touch "$scratch/requests.go"
status=0
wait "$slow" || status=$?
[ "$status" -eq 2 ] || { cat "$mine/log"; fail "the slow pull ended with status $status"; }
grep -q "\"shop\" $two was overtaken: another run has seen that \"dev\" points to $one now" "$mine/log" || { cat "$mine/log"; fail "no reason was given"; }
cmp "$first"/*.raw "$mine/out/pulled"/*.raw
changed "$scratch/faster" "$mine/state" -x latest-time
