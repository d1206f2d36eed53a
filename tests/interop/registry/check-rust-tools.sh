#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Tools that people use, built by cargo from the Rust registry, under the profiler: one with line tables, one without
# debug information (.symtab alone), one stripped. Are their samples named, and by crates that do the work?
# The builds are kept in build/interop; the registry is the one that cargo is configured for.
set -u
here=$(cd "$(dirname "$0")" && pwd)
home=$(cd "$here/../../.." && pwd)
kept=$home/build/interop
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$kept"
n_failed=0

# The newest cargo of PATH: a Debian has an older one than the tools want beside what its user installed.
cargo='' rustc=''
find_cargo() {
    local candidate newest=0 version
    for candidate in $(type -ap cargo | sort -u); do
        [ -x "${candidate%cargo}rustc" ] || continue
        version=$("${candidate%cargo}rustc" --version 2>/dev/null | sed -nE 's/^rustc 1\.([0-9]+)\..*/\1/p')
        [ "${version:-0}" -gt "$newest" ] || continue
        newest=$version cargo=$candidate rustc=${candidate%cargo}rustc
    done
    [ "$newest" -ge 77 ] || { echo "SKIP: the tools need Rust 1.77, here is ${cargo:+1.$newest}${cargo:-none}" && exit 0; }
    echo "Rust 1.$newest"
}
find_cargo
[ -n "${CARGO_HOME-}" ] || [ -d "${HOME-/nonexistent}/.cargo" ] || export CARGO_HOME=$kept/cargo-home

install() { # folder crate version NAME=VALUE...: builds it once
    local root=$kept/$1 crate=$2 version=$3 stamp
    shift 3
    stamp=$root/$crate-$version.$(printf %s "$*" | cksum | cut -d' ' -f1)
    [ ! -e "$stamp" ] || return 0
    rm -rf "$root"
    env RUSTC="$rustc" CARGO_TARGET_DIR="$kept/target" "$@" \
        "$cargo" install --quiet --locked --root "$root" --version "$version" "$crate" >"$work/cargo.log" 2>&1 || return
    touch "$stamp"
}

verdict() { # ok-or-not label message
    [ "$1" = ok ] || n_failed=$((n_failed + 1))
    echo "$1 $2: $3"
}

check() { # label crates min-named min-function command...
    local label=$1 crates=$2 min_named=$3 min_function=$4 said
    shift 4
    "$@" >"$work/plain.out" 2>/dev/null || { verdict "not ok" "$label" "it does not work here without us" && return; }
    if ! rustscope record -q --sample-rate 1999 -o "$work/session.json" -- "$@" >"$work/profiled.out" 2>"$work/log"; then
        verdict "not ok" "$label" "$(tail -n 3 "$work/log")"
    elif said=$("$home/tests/interop/named.py" "$work/session.json" "$min_named" "$min_function" --crates "$crates"); then
        verdict ok "$label" "$said"
    else
        verdict "not ok" "$label" "$said"
    fi
}

tool() { # label folder crate version binary crates min-named min-function variables -- arguments...
    local label=$1 folder=$2 crate=$3 version=$4 binary=$5 crates=$6 min_named=$7 min_function=$8 variables=()
    shift 8
    while [ "$1" != -- ]; do variables+=("$1") && shift; done
    shift
    if install "$folder" "$crate" "$version" "${variables[@]}"; then
        check "$label" "$crates" "$min_named" "$min_function" "$kept/$folder/bin/$binary" "$@"
    elif grep -qiE 'could ?n.t (resolve|connect)|failed to (download|fetch|get)|spurious network|offline' "$work/cargo.log"; then
        echo "SKIP: $label: the registry is out of reach: $(tail -n 1 "$work/cargo.log")"
    else
        verdict "not ok" "$label" "cargo: $(tail -n 3 "$work/cargo.log")"
    fi
}

# Text to search through, and a tree to walk.
awk 'BEGIN { srand(7); split("The quick brown fox jumps over a lazy dog while Sherlock Holmes is reading Watson", w, " ")
    for (i = 0; i < 300000; i++) { s = ""; for (j = 0; j < 12; j++) s = s w[1 + int(rand() * 15)] " "; print s i } }' >"$work/text"
for ((i = 0; i < 60; i++)); do
    mkdir -p "$work/tree/$i/a/b/c"
    touch "$work/tree/$i/"{a,a/b,a/b/c}/{one,two,three,four,five,six}.{rs,c,txt,md}
done

tool "ripgrep with line tables" lines ripgrep 14.1.1 rg 'regex.*|memchr|aho_corasick|grep_.*' 99 100 \
    CARGO_PROFILE_RELEASE_DEBUG=1 CARGO_PROFILE_RELEASE_STRIP=none -- \
    -c -i --no-config '(sherlock|watson)\s+\w+ing.*[0-9]7' "$work/text" "$work/text" "$work/text"
tool "fd without debug information" symbols fd-find 10.2.0 fd 'ignore|walkdir|regex.*|crossbeam.*|fd|globset|std|core|alloc' 97 100 \
    CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_LTO=off -- \
    --no-ignore --hidden --threads 2 '[aeiou].*\.(rs|md)$' "$work/tree" /usr/share /usr/include /usr/lib
# It starts hundreds of programs: a sample may come while the loader maps what we have not heard of yet.
tool "hyperfine stripped" stripped hyperfine 1.18.0 hyperfine '.*' 0 99.5 \
    CARGO_PROFILE_RELEASE_STRIP=symbols CARGO_PROFILE_RELEASE_LTO=off -- -N --runs 400 --warmup 20 --export-json "$work/json" true
exit $((n_failed > 0))
