#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds a program that the truth names with one of its regressions, or with none; works without any registry.
# usage: tests/blame/build.sh OUTFILE PROGRAM REGRESSION|none [debug|lines|symbols|stripped]
#   debug (default) all of DWARF; lines: line tables and what was inlined; symbols: .symtab alone; stripped: not even that
# Functions begin at multiples of 64, so that a longer one does not move the others to where they run at another speed;
# and a call at a function's end is a call, so that it is seen on the stack whose it is.
# RUSTC, CC  the compilers, rustc and cc by default. Exit status 77: there is no such compiler.
set -eu
out=$1 program=$2 regression=$3 kind=${4:-debug}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
case $out in /*) ;; *) out=$PWD/$out ;; esac
case $kind in
    debug) level=2 ;;
    lines) level=1 ;;
    symbols | stripped) level=0 ;;
    *) echo "build.sh: no kind of build is called $kind" >&2 && exit 2 ;;
esac

rust() { # crate name, source
    if ! "${RUSTC:-rustc}" --version >/dev/null 2>&1 || ! command -v cc >/dev/null; then
        echo "no rustc" && exit 77
    fi
    "${RUSTC:-rustc}" --edition 2021 -C opt-level=3 -C codegen-units=1 -C llvm-args=-align-all-functions=6 -C debuginfo="$level" --crate-name "$1" \
        --cfg "feature=\"regress_$regression\"" -o "$out" "$2"
}

case $program in
    interp) rust interp "$here/interp.rs" ;;
    logstat) cd "$here/../../examples/logstat" && rust logstat src/main.rs ;;
    index)
        "${CC:-cc}" -std=gnu17 -O2 -g"$level" -pthread -falign-functions=64 -fno-optimize-sibling-calls -Wall -Wextra \
            "-DREGRESS_$(printf %s "$regression" | tr '[:lower:]' '[:upper:]')" -o "$out" "$here/index.c"
        ;;
    *) echo "build.sh: no program is called $program" >&2 && exit 2 ;;
esac
[ "$kind" != symbols ] || strip --strip-debug "$out"
[ "$kind" != stripped ] || strip "$out"
