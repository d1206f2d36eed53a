#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every Rust name of cargo and of rustc's driver, and of the tools that other checks have built, as rustscope reads it
# and as the crate rustc-demangle does, which every backtrace of a Rust program uses. It comes from the registry that
# cargo is configured for, and is kept in build/interop.
set -u
home=$(cd "$(dirname "$0")/../../.." && pwd)
kept=$home/build/interop version=0.1.28
build=${BUILD:-$home/build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$kept"
n_failed=0
[ -e "$build/librustscope.a" ] || { echo "SKIP: rustscope is not built" && exit 0; }

# The newest cargo of PATH, and its rustc.
cargo=$(type -ap cargo | while read -r candidate; do
    [ ! -x "${candidate%cargo}rustc" ] || echo "$("${candidate%cargo}rustc" --version | cut -d ' ' -f 2) $candidate"
done | sort -rV | head -n 1 | cut -d ' ' -f 2-)
[ -n "$cargo" ] || { echo "SKIP: no cargo" && exit 0; }
rustc=${cargo%cargo}rustc
[ -n "${CARGO_HOME-}" ] || [ -d "${HOME-/nonexistent}/.cargo" ] || export CARGO_HOME=$kept/cargo-home

theirs=$kept/demangle/target/release/theirs
mkdir -p "$kept/demangle/src"
cat >"$kept/demangle/Cargo.toml" <<TOML
[package]
name = "theirs"
version = "0.1.0"
edition = "2018"
[dependencies]
rustc-demangle = "=$version"
[workspace]
TOML
cat >"$kept/demangle/src/main.rs" <<'RS'
use std::io::{self, BufRead, Write};
fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout());
    for line in io::stdin().lock().lines() {
        writeln!(out, "{:#}", rustc_demangle::demangle(&line?))?;
    }
    Ok(())
}
RS
RUSTC=$rustc "$cargo" build --quiet --release --manifest-path "$kept/demangle/Cargo.toml" \
    --target-dir "$kept/demangle/target" >"$work/log" 2>&1 ||
    { echo "SKIP: rustc-demangle $version cannot be built here: $(tail -n 1 "$work/log")" && exit 0; }

cat >"$work/ours.c" <<'C'
#include <stdio.h>
#include <string.h>
#include "symbol/function_name.h"
int main(void)
{
    static char line[1 << 20];
    while (fgets(line, sizeof line, stdin)) {
        g_auto(RsFunctionName) name = {0};
        line[strcspn(line, "\n")] = 0;
        rs_function_name_parse(line, &name);
        puts(name.name);
    }
    return 0;
}
C
# shellcheck disable=SC2046 # words
gcc -O2 -D_GNU_SOURCE -I"$home/src" $(pkg-config --cflags glib-2.0) -o "$work/ours" "$work/ours.c" "$build/librustscope.a" \
    $(pkg-config --libs glib-2.0) -liberty || exit 2

compare() { # file
    local n n_differ
    # Suffixes of clones are not part of our names, and "_ZN...E" without a hash is C++ to us.
    nm "$1" 2>/dev/null | cat - <(nm -D "$1" 2>/dev/null) | awk '{ sub(/@.*/, "", $NF); print $NF }' |
        grep -E '^(_R[A-Z]|_ZN.*17h[0-9a-f]{16}E)' | grep -vE '\.(cold|part|isra|constprop|warm|lto_priv|specialized)' | sort -u >"$work/names"
    n=$(wc -l <"$work/names")
    [ "$n" -ge 500 ] || return 0
    "$work/ours" <"$work/names" >"$work/ours.txt" && "$theirs" <"$work/names" >"$work/theirs.txt" || n=0
    n_differ=$(paste -d '\n' "$work/ours.txt" "$work/theirs.txt" | awk 'NR % 2 { ours = $0; next } ours != $0 { n++ } END { print n + 0 }')
    if [ "$n" -gt 0 ] && [ "$n_differ" = 0 ]; then
        echo "ok $(basename "$1"): $n names read as rustc-demangle $version reads them"
    else
        n_failed=$((n_failed + 1))
        echo "not ok $(basename "$1"): $n_differ of $n names differ"
        diff "$work/ours.txt" "$work/theirs.txt" | head -n 20
    fi
}

sysroot=$("$rustc" --print sysroot)
for file in "$sysroot/bin/cargo" "$sysroot"/lib/librustc_driver-*.so /usr/lib/*/librustc_driver-*.so "$kept"/*/bin/*; do
    [ ! -f "$file" ] || compare "$file"
done
[ $n_failed = 0 ]
