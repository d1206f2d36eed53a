#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What launching costs: trials of `true` in a second, start and end of the tool included, beside `hyperfine -N` in turns;
# without samples and with them; and whether one of the two arms comes off better: two copies of `true`, the median log
# ratio with its interval.
# usage: tests/bench/spawn.sh [TRIALS [PAIRS]]      (rustscope and hyperfine on PATH)
set -eu
n_trials=${1:-2000} n_pairs=${2:-1000} n_rounds=5
command -v hyperfine >/dev/null || { echo "hyperfine is missing" >&2 && exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" # where there is no repository to describe: that is asked once for a run

hyperfine_() { hyperfine -N --style none --warmup 5 --runs "$n_trials" true; }
single() { rustscope bench-run -q --sample-rate 0 --launches 1 -n "$n_trials" -o "$work/single.json" -- true; }
paired() {
    rustscope bench-run -q --sample-rate 0 --measure-identical --launches 1 -n $((n_trials / 2)) -o "$work/paired.json" \
        --baseline true --current true
}

sampled() { rustscope bench-run -q --launches 1 -n "$n_trials" -o "$work/sampled.json" -- true; }

per_second() { # tool: appends its rate to a file of its own
    local start=$EPOCHREALTIME
    "$1" >"$work/log" 2>&1 || { cat "$work/log" >&2 && exit 2; }
    awk "BEGIN { print $n_trials / ($EPOCHREALTIME - $start) }" >>"$work/$1.rates"
}

for ((round = 0; round < n_rounds; round++)); do
    for tool in hyperfine_ single paired sampled; do
        per_second $tool
    done
done

mkdir "$work/a" "$work/b"
cp "$(type -P true)" "$work/a/true"
cp "$(type -P true)" "$work/b/true"
rustscope bench-run -q --measure-identical --launches 1 -n "$n_pairs" -o "$work/bias.json" \
    --baseline "$work/a/true" --current "$work/b/true"

/usr/bin/python3 - "$work" "$n_trials" <<'PYTHON'
import json, math, statistics, sys

work, n_trials = sys.argv[1:]
missed = 0


def tell(is_ok, text):
    global missed
    missed += not is_ok
    print("ok" if is_ok else "MISSED", text)


def rates(tool):
    return [float(line) for line in open(f"{work}/{tool}.rates")]


peer = rates("hyperfine_")
print(f"trials of `true` in a second, {n_trials} at a time, medians of {len(peer)} rounds in turns")
for tool in "single", "paired":
    own = rates(tool)
    ratio = statistics.median(a / b for a, b in zip(own, peer))
    tell(ratio >= 1, f"rustscope, {tool}: {statistics.median(own):.0f}, hyperfine -N: {statistics.median(peer):.0f}, "
                     f"median ratio {ratio:.2f} (>= 1)")

own = rates("sampled")
ratio = statistics.median(a / b for a, b in zip(own, peer))
print(f"   with samples: {statistics.median(own):.0f}, median ratio {ratio:.2f}")

# The interval between order statistics holds whatever the distribution: signs around the median are fair coins.
trials = json.load(open(f"{work}/bias.json"))["benchmarks"][0]["trials"]
for metric in "wall", "cpu":
    pairs = {}
    for arm, pair, value in zip(trials["arm"], trials["pair"], trials["metrics"][metric]["values"]):
        pairs.setdefault(pair, {})[arm] = value
    ratios = sorted(math.log(p[1] / p[0]) for p in pairs.values() if p[0] > 0 and p[1] > 0)
    n, tail, k = len(ratios), 0, 0
    while tail + math.comb(n, k) <= 0.005 * 2**n:
        tail += math.comb(n, k)
        k += 1
    low, high = 100 * ratios[max(k - 1, 0)], 100 * ratios[n - max(k, 1)]
    tell(low <= 0 <= high, f"current against an equal baseline, {metric}: {100 * statistics.median(ratios):+.2f} %, "
                           f"99 % interval {low:+.2f} to {high:+.2f} %, {n} pairs (holds 0)")
sys.exit(missed > 0)
PYTHON
