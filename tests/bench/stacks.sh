#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How whole the stacks are that `record` sees, with each sampler, of Rust programs among them one with a stack thousands
# of frames deep and one with frames of more than 64 KB; and how often a program of 50 ms and one of a few are profiled.
# usage: tests/bench/stacks.sh [SECONDS [RUNS]]      (rustscope on PATH)
set -eu
seconds=${1:-5} n_runs=${2:-100}
programs=$(dirname "$(readlink -f "$(type -P rustscope)")")/tests/programs
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

summary() { # session: one line
    /usr/bin/python3 - "$1" <<'PYTHON'
import json, sys
session = json.load(open(sys.argv[1]))
found = session["sampling_diagnostics"]
ends = found["stack_ends"]
n = sum(ends.values())
share = 100 * ends["complete"] / n if n else float("nan")
stacks, depths = session["profile"]["stacks"], []
for parent in stacks["parent"]:
    depths.append(1 + (depths[parent] if parent is not None else 0))
deepest = max((depths[s] for s in session["profile"]["samples"]["stack"] if s is not None), default=0)
rest = ", ".join(f"{v} {k}" for k, v in ends.items() if v and k != "complete") or "none cut"
print(f"{n:6} samples, {share:6.2f} % complete ({rest}; {found['n_late_samples']} completed late), "
      f"deepest {deepest}, {'met' if share >= 99 else 'NOT MET'} (wanted >= 99 %)")
PYTHON
}

record() { # label command...
    local label=$1 sampler
    shift
    for sampler in perf ptrace; do
        rustscope record -q --sampler $sampler --sample-rate 199 -o "$work/$sampler.json" -- "$@" >/dev/null 2>"$work/log" ||
            { cat "$work/log" >&2 && exit 2; }
        printf '%-16s %-7s %s\n' "$label" $sampler "$(summary "$work/$sampler.json")"
    done
}

if [ -x "$programs/deep_recursion" ]; then
    record deep_recursion "$programs/deep_recursion" "$seconds" 5000
    record large_futures "$programs/large_futures" "$seconds"
    LOGSTAT_LANG=rust LOGSTAT_MB=80 "$here/examples/build-pair.sh" "$work/logstat" none >"$work/log" 2>&1 ||
        { cat "$work/log" >&2 && exit 2; }
    record logstat "$work/logstat/a/logstat" report --json --threads 2 "$work/logstat/access.log"
else
    echo "no rustc: the Rust programs are left out"
fi
record workers "$programs/workers" 4 1000

profiled() { # label command...: runs with at least one sample of the program itself
    local label=$1 n=0
    shift
    for ((i = 0; i < n_runs; i++)); do
        rustscope record -q -o "$work/short.json" -- "$@" >/dev/null 2>&1
        ! /usr/bin/python3 -c '
import json, sys
sys.exit(not json.load(open(sys.argv[1]))["profile"]["samples"]["at_ns"])' "$work/short.json" || n=$((n + 1))
    done
    printf '%-16s profiled in %d of %d runs\n' "$label" "$n" "$n_runs"
}
profiled "50 ms" "$programs/workers" 1 50
profiled "5 ms" "$programs/workers" 1 5
profiled "1 ms (true)" true
