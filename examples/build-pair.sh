#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# build-pair.sh OUTDIR [REGRESSION]
# Builds logstat twice, as it was (OUTDIR/a/logstat) and after a change that made it slower
# (OUTDIR/b/logstat), and a log for both to read (OUTDIR/access.log). The two paths have the same
# length and the same file name, so that nothing but the code differs.
#
# REGRESSION  clone (default) list capacity repeat decode lock, or none for two equal programs.
#             lock shows only with `report --threads 2`, and only where two cores are idle.
# LOGSTAT_LANG  rust or c; without it rust where rustc works, else c.
# RUSTC, CC     the compilers, rustc and cc by default.
# LOGSTAT_MB    size of the log in MB, 10 by default.
#
# Writes nothing outside OUTDIR and needs no network. What the compiler says is shown only when it
# fails.
set -eu

fail() {
    printf 'build-pair.sh: %s\n' "$1" >&2
    exit "${2:-1}"
}

build_rust() { # FILE REGRESSION
    feature=regress_$2
    (cd "$here/logstat" && "${RUSTC:-rustc}" -O -g --edition 2021 --crate-name logstat \
        --cfg "feature=\"$feature\"" -o "$1" src/main.rs)
}

build_c() { # FILE REGRESSION
    macro=REGRESS_$(printf %s "$2" | tr '[:lower:]' '[:upper:]')
    (cd "$here/logstat-c" && "${CC:-cc}" -O2 -g -pthread "-D$macro" -o "$1" \
        hit.c route.c table.c summary.c report.c gen.c main.c)
}

build() { # FILE REGRESSION
    rm -f "$1"
    "build_$lang" "$1" "$2" >"$out/build.log" 2>&1 || {
        cat "$out/build.log" >&2
        fail "cannot build $1 in $lang"
    }
}

if [ $# -lt 1 ] || [ $# -gt 2 ] || [ -z "$1" ]; then
    fail 'usage: build-pair.sh OUTDIR [REGRESSION]' 2
fi
regression=${2:-clone}
case $regression in
    none | clone | list | capacity | repeat | decode | lock) ;;
    *) fail "no regression is called $regression" 2 ;;
esac

lang=${LOGSTAT_LANG:-}
if [ -z "$lang" ]; then
    lang=c
    # rustc links with cc.
    if "${RUSTC:-rustc}" --version >/dev/null 2>&1 && command -v cc >/dev/null; then
        lang=rust
    fi
fi
case $lang in
    rust | c) ;;
    *) fail "LOGSTAT_LANG is $lang, not rust or c" 2 ;;
esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
mkdir -p -- "$1/a" "$1/b"
out=$(CDPATH='' cd -- "$1" && pwd)

build "$out/a/logstat" none
build "$out/b/logstat" "$regression"
"$out/a/logstat" gen --seed 1 --mb "${LOGSTAT_MB:-10}" >"$out/access.log"
rm -f "$out/build.log"

printf 'baseline %s (%s)\n' "$out/a/logstat" "$lang"
printf 'current  %s (%s, regression: %s)\n' "$out/b/logstat" "$lang" "$regression"
printf 'input    %s\n' "$out/access.log"
