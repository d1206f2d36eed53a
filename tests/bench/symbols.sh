#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Functions and lines of 10,000 addresses of a program with some 300 MB of debug information, cold, beside addr2line -i,
# eu-addr2line -i and llvm-symbolizer: the same addresses, in the same run, each as a process of its own from its start
# to its last answer, with the file in the page cache. What a tool does not end within LIMIT_S it does again for an
# evenly spread part of the addresses; then the time is told for that number, and for each address, which flatters
# nobody: a tool that reads units as it needs them reads nearly as many for the part.
# usage: tests/bench/symbols.sh [ADDRESSES]     (rustscope on PATH; the program is kept in its build directory)
set -eu
n_addresses=${1:-10000} limit_s=${LIMIT_S:-120} n_part=200
rustscope=$(type -P rustscope) || { echo "rustscope is not on PATH" >&2 && exit 2; }
build=$(dirname "$(readlink -f "$rustscope")")
bench=$build/tests/bench/bench_symbols program=$build/large-program
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v g++ >/dev/null; then
    echo "no g++: nothing to build the large program with"
    exit 0
fi
"$here/large-program.sh" "$program"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$bench" --pick "$n_addresses" "$program" >"$work/addresses"
n_addresses=$(wc -l <"$work/addresses")
awk -v step=$((n_addresses / n_part + 1)) 'NR % step == 1' "$work/addresses" >"$work/part"
cat "$program" >/dev/null
missed=0
"$bench" "$program" "$work/addresses" || missed=1

# Seconds of CPU that a command takes for the addresses of a file; nothing if it does not end in time.
seconds() { # addresses command...
    local input=$1
    shift
    TIMEFORMAT='%U %S'
    { time timeout "$limit_s" "$@" <"$input" >/dev/null 2>&1; } 2>"$work/time" || return 1
    awk '{ print $1 + $2 }' "$work/time"
}

printf '%-18s %9s %10s %12s\n' 'each a process' addresses 'CPU s' 'us/address'
row() { # label command...
    local label=$1 input=$work/addresses time_s
    shift
    if ! command -v "$1" >/dev/null; then
        echo "$label: not here"
        return
    fi
    if ! time_s=$(seconds "$input" "$@"); then
        input=$work/part
        if ! time_s=$(seconds "$input" "$@"); then
            printf '%-18s %9s   > %s s passed\n' "$label" "$(wc -l <"$input")" "$limit_s"
            return
        fi
    fi
    awk -v label="$label" -v n="$(wc -l <"$input")" -v s="$time_s" -v ours="${ours:-}" 'BEGIN {
        printf "%-18s %9d %10.3f %12.1f", label, n, s, 1e6 * s / n
        if (ours) printf "   %s", (s / n > ours) ? sprintf("%.1f times ours", s / n / ours) : "AHEAD OF US"
        print "" }'
    if [ -z "${ours:-}" ]; then
        ours=$(awk -v n="$(wc -l <"$input")" -v s="$time_s" 'BEGIN { print s / n }')
    fi
}
row rustscope "$bench" --chains "$program"
row llvm-symbolizer llvm-symbolizer --output-style=GNU -i -f -e "$program"
row 'addr2line -i' addr2line -aif -e "$program"
row 'eu-addr2line -i' eu-addr2line -aif -e "$program"
exit $missed
