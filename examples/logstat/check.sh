#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check.sh: every build of logstat, in Rust and in C, with each mistake and without, prints the
# same for good logs and bad ones, with one thread and with several, and none of them crashes.
# Exit status 1 if not. A language without a compiler is skipped and counted as that.
set -u

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
n_passed=0 n_failed=0 n_skipped=0

claim() { # NAME COMMAND...: passes if the command succeeds
    name=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        n_passed=$((n_passed + 1))
    else
        n_failed=$((n_failed + 1))
        printf 'not ok: %s\n' "$name" >&2
        head -n 20 "$work/said" >&2
    fi
}

skip() { # NAME REASON
    n_skipped=$((n_skipped + 1))
    printf 'skipped: %s (%s)\n' "$1" "$2" >&2
}

build_rust() { # FILE FLAGS...
    file=$1
    shift
    (cd "$here" && "${RUSTC:-rustc}" -g --edition 2021 --crate-name logstat "$@" \
        -o "$file" src/main.rs)
}

build_c() { # FILE FLAGS...
    file=$1
    shift
    (cd "$here/../logstat-c" && "${CC:-cc}" -g -pthread "$@" -o "$file" \
        hit.c route.c table.c summary.c report.c gen.c main.c)
}

differs() {
    ! cmp -s "$1" "$2"
}

# The plain build, one for each mistake, and one that looks for slips at run time.
build_all_rust() {
    claim 'rust builds' build_rust "$work/rust-none" -O
    for mistake in $mistakes; do
        claim "rust builds with $mistake" \
            build_rust "$work/rust-$mistake" -O --cfg "feature=\"regress_$mistake\""
        claim "$mistake is another program in rust" differs "$work/rust-none" "$work/rust-$mistake"
    done
    claim 'rust builds with overflow checks' \
        build_rust "$work/rust-checked" -C opt-level=1 -C debug-assertions=on
    claim 'rust unit tests build' build_rust "$work/unit" --test
    claim 'rust unit tests pass' "$work/unit" -q
}

build_all_c() {
    claim 'c builds' build_c "$work/c-none" -O2
    for mistake in $mistakes; do
        macro=REGRESS_$(printf %s "$mistake" | tr '[:lower:]' '[:upper:]')
        claim "c builds with $mistake" build_c "$work/c-$mistake" -O2 "-D$macro"
        claim "$mistake is another program in c" differs "$work/c-none" "$work/c-$mistake"
    done
    if build_c "$work/c-checked" -O1 -fsanitize=address,undefined \
        -fno-sanitize-recover=undefined >/dev/null 2>&1 && "$work/c-checked" gen --mb 0; then
        :
    else
        rm -f "$work/c-checked"
        skip 'c with sanitizers' 'the compiler has none'
    fi
}

# Logs of all kinds, in $work/logs.
write_logs() {
    mkdir "$work/logs" && cd "$work/logs" || return 1
    small=$here/testdata/small.log
    head=$(head -n 1 "$small" | cut -d'"' -f1)
    tail=' HTTP/1.1" 200 1 "-" "-" 0.001'
    filler=$(awk 'BEGIN { while (n++ < 8000) printf "a" }')
    cp "$small" small
    : >empty
    printf '\n' >newline
    printf '\n\n\r\n\n' >newlines
    head -c "$(($(wc -c <"$small") - 1))" "$small" >no-last-newline
    awk '{ printf "%s\r\n", $0 }' "$small" >crlf
    head -n 1 "$small" | awk '{ for (i = 1; i <= length($0); i++) print substr($0, 1, i) }' >'cut'
    printf '%s"GET /%s%s\n' "$head" "$filler" "$tail" >long-target
    printf '%s"GET /%s/../%%%s\n' "$head" "$filler" "$tail" >long-target-undone
    awk 'BEGIN { while (n++ < 2000000) printf "x"; print ""; print "-" }' >long-line
    { cat "$small" && head -c 300000 /dev/zero && cat "$small"; } >zeroes
    for target in / '*' x '//' '/..' '/../..' '/%' '/%2' '/%2f%2F' '/%00' '/%zz' '/a/./..//b/' '?' \
        '/?' '/?&&=&a' '/?a=b=c&a?b' '/#?a' '/?a#&b' '/0123456789' '/01234567-abcd' '/deadbeef' \
        '/abc-1' '/.js' '/a.css/' '/"' "/\\\\" '/a%3fb'; do
        printf '%s"GET %s%s\n' "$head" "$target" "$tail"
    done >targets
    # The log with one character exchanged for another, all over.
    head -c 200000 "$work/generated" >generated-cut
    # The log with one character exchanged for another, all over.
    n_pairs=0
    for pair in '" \040' '\040 "' '/ %' '% /' '" .' '[ ]' ': 0' '0 -' '\134 "' '( \134' '/ \000' \
        '" \377' '\040 \n' '\n \040' '/ ?' '? &' '. 1' '1 +'; do
        n_pairs=$((n_pairs + 1))
        LC_ALL=C tr "${pair% *}" "${pair#* }" <generated-cut >"exchanged-$n_pairs"
    done
    head -c 400000 "$1" >program
    cp "$work/generated" generated
}

same_output() { # WANTED PROGRAM ARGS...
    wanted=$1
    shift
    if "$@" >"$work/got" && cmp "$wanted" "$work/got"; then
        return 0
    fi
    printf 'differs: %s\n' "$*"
    return 1
}

# Runs all builds on one log and compares with what the first of them printed.
compare_on() { # LOG
    "$reference" report --json --top 1000000 "$1" >"$work/wanted.json" || return 1
    "$reference" report "$1" >"$work/wanted.txt" || return 1
    for program in "$work"/rust-* "$work"/c-*; do
        [ -x "$program" ] || continue
        same_output "$work/wanted.json" "$program" report --json --top 1000000 "$1" || return 1
        same_output "$work/wanted.json" "$program" report --json --top 1000000 --threads 3 "$1" ||
            return 1
    done
    for program in "$work"/rust-none "$work"/c-none; do
        [ -x "$program" ] || continue
        same_output "$work/wanted.txt" "$program" report - <"$1" || return 1
    done
}

gives_known_report() { # PROGRAM
    "$1" report --json "$here/testdata/small.log" >"$work/got" &&
        diff "$here/testdata/small.json" "$work/got"
}

gives_same_log() { # PROGRAM
    "$1" gen --seed 5 --mb 1 >"$work/got" && cmp "$work/generated" "$work/got"
}

# The log of seed 5 is the same on every machine, now and later.
is_known_log() {
    sum=$(cksum <"$work/generated")
    [ "$sum" = "$known_log" ] || { printf '%s, not %s\n' "$sum" "$known_log"; return 1; }
}

exits_with() { # STATUS COMMAND...
    wanted=$1
    shift
    "$@" >/dev/null 2>&1
    got=$?
    [ $got -eq "$wanted" ] || { printf '%s gave %s\n' "$*" $got; return 1; }
}

tells_full_disk() { # PROGRAM
    "$1" report "$work/generated" >/dev/full
    [ $? -eq 1 ]
}

mistakes='clone list capacity repeat decode lock'
known_log='2127478238 1000202'
reference=
if "${CC:-cc}" --version >/dev/null 2>&1; then
    build_all_c
    reference=$work/c-none
else
    skip 'c' 'no compiler'
fi
if "${RUSTC:-rustc}" --version >/dev/null 2>&1 && command -v cc >/dev/null; then
    build_all_rust
    reference=$work/rust-none
else
    skip 'rust' 'no compiler'
fi
if [ -z "$reference" ]; then
    echo 'not ok: no compiler at all' >&2
    exit 1
fi

"$reference" gen --seed 5 --mb 1 >"$work/generated"
claim 'the generated log is the known one' is_known_log
for program in "$work"/rust-none "$work"/c-none; do
    [ -x "$program" ] || continue
    name=$(basename "$program")
    claim "$name: a small log gives the report worked out by hand" gives_known_report "$program"
    claim "$name: the same seed gives the same log" gives_same_log "$program"
    claim "$name: no command" exits_with 2 "$program"
    claim "$name: threads cannot be 0" exits_with 2 "$program" report --threads 0
    claim "$name: a number is missing" exits_with 2 "$program" gen --mb
    claim "$name: a file is missing" exits_with 1 "$program" report "$work/nothing"
    if [ -w /dev/full ]; then
        claim "$name: a full disk is told" tells_full_disk "$program"
    fi
done
claim 'the logs can be written' write_logs "$reference"
for log in "$work"/logs/*; do
    claim "all builds agree on the log '$(basename "$log")'" compare_on "$log"
done

printf '%s passed, %s failed, %s skipped\n' $n_passed $n_failed $n_skipped
[ $n_failed -eq 0 ]
