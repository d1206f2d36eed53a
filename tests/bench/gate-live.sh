#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The gate on this machine, as it is, with a second load: one busy loop that comes and goes every few seconds.
# A program against itself, where every red report is false, then against itself slowed by 2.5 thresholds.
# usage: tests/bench/gate-live.sh [UNCHANGED_REPORTS [SLOWED_REPORTS]]      (rustscope on PATH)
set -eu
n_unchanged=${1:-300} n_slowed=${2:-100}
threshold_pct=10 slowdown_pct=25 max_false_pct=1 min_found_pct=95
home=$(cd "$(dirname "$0")/../.." && pwd)
rustscope=$(command -v rustscope)
work=$(mktemp -d)
load_pid=

# shellcheck disable=SC2317 # the trap calls it
end() {
    [ -z "$load_pid" ] || kill "$load_pid" 2>/dev/null || :
    rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

second_load() {
    trap '[ -z "${busy-}" ] || kill "$busy"; exit 0' TERM
    while :; do
        timeout $((1 + RANDOM % 5)) sh -c 'while :; do :; done' &
        busy=$!
        wait "$busy" || :
        busy=
        sleep $((1 + RANDOM % 5)) &
        wait $!
    done
}

# Exact (Clopper-Pearson) one-sided 95 % bound: the share at which so many or more of n are seen in 1 of 20 series.
lower_bound_pct() { # seen n
    /usr/bin/python3 - "$@" <<'PYTHON'
import math, sys
seen, n = map(int, sys.argv[1:])
low, high = 0.0, 1.0
for _ in range(60):
    p = (low + high) / 2
    tail = sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(seen, n + 1))
    low, high = (low, p) if tail > 0.05 else (p, high)
print(f"{100 * low:.2f}")
PYTHON
}

say() { # figure limit verdict-is-ok
    if [ "$3" = 1 ]; then echo "ok $1 ($2)"; else
        echo "MISSED $1 ($2)"
        missed=1
    fi
}
missed=0

is() { awk "BEGIN { print ($1) ? 1 : 0 }"; }

unchanged() {
    local red below
    "$rustscope" calibrate -q --reports "$n_unchanged" --launches 4 --threshold $threshold_pct -- \
        gzip -6 -c "$work/short" >"$work/calibrated"
    sed 's/^/  /' "$work/calibrated"
    red=$(sed -n '1s/ .*//p' "$work/calibrated")
    below=$(sed -n '1s/.*below \([0-9.]*\) %.*/\1/p' "$work/calibrated")
    say "unchanged: $red of $n_unchanged reports red, false alarms below $below %" "< $max_false_pct %" \
        "$(is "$below < $max_false_pct")"
}

slowed() {
    local found=0 failed=0 n_pairs=0 status bound
    for ((i = 0; i < n_slowed; i++)); do
        "$rustscope" bench-run -q --name slowed --threshold $threshold_pct -o "$work/run.json" \
            --baseline "$rustscope slowed --percent 0 -- gzip -6 -c $work/long" \
            --current "$rustscope slowed --percent $slowdown_pct -- gzip -6 -c $work/long"
        status=0
        "$rustscope" compare "$work/run.json" -o "$work/verdict.json" >/dev/null 2>&1 || status=$?
        [ $status -le 1 ] || { echo "compare: exit status $status" >&2 && exit 2; }
        failed=$((failed + status))
        ! grep -q '"verdict": "regression"' "$work/verdict.json" || found=$((found + 1))
        n_pairs=$((n_pairs + $(sed -n 's/.*"n_baseline": \([0-9]*\).*/\1/p' "$work/verdict.json" | head -1)))
        rm "$work"/run.json "$work"/verdict.json
    done
    bound=$(lower_bound_pct $found "$n_slowed")
    echo "  $failed of $n_slowed gates failed; $(awk "BEGIN { printf \"%.1f\", $n_pairs / $n_slowed }") pairs on average"
    say "slowed by $slowdown_pct %: $found of $n_slowed reports red, found above $bound %" "seen >= $min_found_pct %" \
        "$(is "100 * $found >= $min_found_pct * $n_slowed")"
}

head -c 60000 "$home/fixtures/traces/aa-pairs.csv" >"$work/short"
cat "$home"/fixtures/traces/aa-pairs.csv{,,} >"$work/long" # so that the start of `slowed` itself counts little
start=$SECONDS
second_load &
load_pid=$!
echo "$n_unchanged unchanged and $n_slowed slowed reports, threshold $threshold_pct %, $(nproc) CPUs, beside a busy loop that" \
    "comes and goes every 1 to 5 s; bounds are exact, at 95 %"
[ "$n_unchanged" = 0 ] || unchanged
[ "$n_slowed" = 0 ] || slowed
echo "took $(((SECONDS - start + 30) / 60)) min; repeat with: make && PATH=\$PWD/build/release:\$PATH" \
    "tests/bench/gate-live.sh $n_unchanged $n_slowed"
exit $missed
