#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Programs of another C library, linked to it and static: where nothing of ours could be loaded into them, and with a
# dynamic linker of another kind. usage: tests/musl/check-musl.sh (BUILD names the build directory)
set -u
tree=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(cd "${BUILD:-$tree/build/release}" && pwd)
command -v musl-gcc >/dev/null || { echo "SKIP: musl-gcc is not installed" && exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/musl.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# shellcheck source=tests/lib/claim.sh
. "$tree/tests/lib/claim.sh"
# Samples of the session, by backend, number of threads and processes, and depth of the stacks.
session_has() { # BACKEND N_SAMPLES_MIN N_THREADS_MIN
    /usr/bin/python3 - "$@" >>log 2>&1 <<'EOF'
import json, sys
backend, n_samples, n_threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
session = json.load(open("session.json"))
diagnostics, profile = session["sampling_diagnostics"], session["profile"]
print(json.dumps(diagnostics))
parents = profile["stacks"]["parent"]
def depth(stack):
    n = 0
    while stack is not None:
        n, stack = n + 1, parents[stack]
    return n
deepest = max(map(depth, profile["samples"]["stack"]), default=0)
print("samples", diagnostics["n_raw_samples"], "threads", profile["threads"], "deepest", deepest)
seen = len(set(profile["samples"]["thread"]))
sys.exit(0 if diagnostics["backend"] == backend and diagnostics["n_raw_samples"] >= n_samples and seen >= n_threads
         and deepest >= 3 else 1)
EOF
}

for kind in dynamic static; do
    flags=() && [ $kind = dynamic ] || flags=(-static)
    musl-gcc -std=gnu17 -O2 -g -fomit-frame-pointer -fno-optimize-sibling-calls -D_GNU_SOURCE -pthread "${flags[@]}" \
        -o $kind "$tree/tests/programs/ptrace_target.c" >log 2>&1
    result $? "a $kind program of musl is built"
    for sampler in ptrace perf; do
        "$BUILD/rustscope" record --sampler $sampler -o session.json -- ./$kind threads 4 500 4 >log 2>&1
        status=$?
        if [ $sampler = perf ] && [ $status != 0 ] && grep -q 'cannot sample' log; then
            echo "SKIP: $(tail -n 1 log)"
            continue
        fi
        result $status "a $kind program of musl is recorded with $sampler"
        session_has $sampler 8 4
        result $? "its threads are sampled with $sampler and their stacks walked"
    done
done
[ $failed = 0 ]
