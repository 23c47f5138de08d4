# Sourced by the wrappers: install_missing LIST… installs the Debian packages of dependencies/LIST.txt that are not there,
# from whatever mirror, keyring and proxy the machine is configured with. Says what it installs; silent when nothing is missing.

missing_packages() {
  local list wanted LC_ALL=C
  export LC_ALL
  wanted=$(for list in "$@"; do grep -v '^#' "$here/dependencies/$list.txt"; done | sort -u)
  # One query for all of them; dpkg-query exits 1 when it does not know one.
  # shellcheck disable=SC2086 # a list of words
  # A command of the package's name serves as well: Node comes from elsewhere on many machines, and brings an npm that Debian's package
  # of that name conflicts with.
  comm -23 <(echo "$wanted") <({ dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true; } |
                               sed -n 's/ installed$//p' | sort -u) |
    while read -r package; do command -v "$package" >/dev/null || echo "$package"; done
}

install_missing() {
  local missing log
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "$missing" ] || return 0
  echo "$me: these Debian packages are missing: $missing" >&2
  if [ "$(id -u)" -ne 0 ]; then
    echo "$me: install them as root, then run this again:  apt-get install --no-install-recommends $missing" >&2
    return 16
  fi
  echo "$me: installing them with apt-get" >&2
  log=$(mktemp)
  # shellcheck disable=SC2086 # a list of words
  if ! { DEBIAN_FRONTEND=noninteractive apt-get -q -y update &&
         DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    echo "$me: error: apt-get could not install them; its output is in $log" >&2
    return 16
  fi
  rm -f "$log"
}

# build_folder NAME: where to compile; inside the checkout, or in the user's cache when the checkout belongs to somebody else.
build_folder() {
  if [ -w "$here" ] && { [ ! -e "$here/build" ] || [ -w "$here/build" ]; } && { [ ! -e "$here/build/$1" ] || [ -w "$here/build/$1" ]; }; then
    echo "$here/build/$1"
  else
    echo "${XDG_CACHE_HOME:-$HOME/.cache}/reburst-build/$(echo "$here" | cksum | cut -d' ' -f1)/$1"
  fi
}

# compile FOLDER PRESET [TARGET…]: configures once, then builds what changed; the compiler's output is shown when it fails.
compile() {
  local folder=$1 preset=$2 log
  shift 2
  # The same file in another clone or build folder is the same object; the sloppiness is what ccache asks for with precompiled headers.
  export CCACHE_BASEDIR=$here CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
  mkdir -p "$folder"
  log=$folder/compile.log
  # Two runs in a fresh clone must not write one folder. The lock ends with this function: what runs next is not to hold it.
  exec 9>"$folder/compile.lock"
  flock --timeout 1 9 || { echo "$me: another run compiles here; waiting for it" >&2; flock 9; }
  if [ ! -f "$folder/build.ninja" ] || [ "$(cat "$folder/source-folder" 2>/dev/null)" != "$here" ]; then
    rm -f "$folder/CMakeCache.txt"
    cmake --preset "$preset" -S "$here" -B "$folder" \
      ${CCACHE:+-DCMAKE_CXX_COMPILER_LAUNCHER="$CCACHE"} >"$log" 2>&1 || { cat "$log" >&2; return 1; }
    echo "$here" >"$folder/source-folder"
  fi
  # Told only when there is something to do: a first compilation takes minutes. A dry run would not know: it takes the check of
  # globbed folders for a change of them.
  local told="$me: compiling (once; later runs only what changed)"
  ninja -C "$folder" "$@" 2>&1 | tee "$log" | awk -v told="$told" '!said && /^\[[0-9]+\/[0-9]+\] (Building|Linking|Generating)/ { print told; fflush(); said = 1 }' >&2 ||
    { tail -n 60 "$log" >&2; echo "$me: error: the compilation failed; all of its output is in $log" >&2; return 1; }
  exec 9>&-
}
