#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Programs of the distribution, which are stripped: every sample has at least a function. And the example program in its
# three builds, which reaches the shares that are promised; its stripped names are the same in another build.
set -u
home=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
n_failed=0

verdict() { # ok-or-not label message
    [ "$1" = ok ] || n_failed=$((n_failed + 1))
    echo "$1 $2: $3"
}

# In two tries: a sample may come while the loader maps a file that we have not heard of yet.
try() { # label min-named min-function [--crates X] [--source X] -- command...
    local label=$1 said='' checks=("$2" "$3") attempt
    shift 3
    while [ "$1" != -- ]; do checks+=("$1") && shift; done
    shift
    command -v "$1" >/dev/null || { echo "SKIP: no $1 here" && return; }
    for attempt in first second; do
        rm -f session.json
        if ! rustscope record -q --sample-rate 997 -o session.json -- "$@" >out 2>log; then
            said=$(tail -n 3 log)
        elif said=$("$home/tests/interop/named.py" session.json "${checks[@]}"); then
            verdict ok "$label" "$said"
            return
        fi
        echo "$label, $attempt try: $said"
    done
    verdict "not ok" "$label" "$said"
}

seq 1500000 >numbers
cat >work.py <<'PY'
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(24), sorted(str(i) for i in range(100000))[:3])
PY
git init -q repository 2>/dev/null && (cd repository && cp ../numbers . && git add numbers) >/dev/null 2>&1
try gzip 0 100 -- gzip -9c numbers
try xz 0 100 -- xz -3c -T1 numbers
try python3 20 100 -- python3 work.py # exports its symbols
try "a program that is mostly in the kernel" 50 100 --source kernel -- \
    dd if=/dev/zero of=/dev/null bs=4096 count=2000000
case $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource 2>/dev/null) in
tsc | kvm-clock | arch_sys_counter)
    try "the vdso" 20 100 --source vdso -- python3 -c 'import time
for _ in range(3000000): time.monotonic()'
    ;;
*) echo "SKIP: the vdso: this clock is read by the kernel" ;;
esac
try git 0 100 -- git -C repository hash-object numbers numbers numbers numbers numbers numbers numbers numbers
try sort 0 100 -- sort -r --parallel=1 numbers
# shellcheck disable=SC2016 # Perl's variables
try perl 0 100 -- perl -e 'my %h; $h{$_ % 977} .= $_ for 1 .. 900000; print scalar(keys %h), "\n"'

has_libc_names() { # the C library's debug file, for names that it does not export
    local id
    id=$(readelf -n "$(ldd "$(command -v gzip)" | awk '$1 ~ /^libc\.so/ { print $3 }')" 2>/dev/null | sed -n 's/.*Build ID: //p')
    [ -n "$id" ] && [ -e "/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug" ]
}
if has_libc_names; then
    # shellcheck disable=SC2016
    try "a libc with its debug file" 0 100 --source debug_file -- \
        perl -e 'my $x = "a" x 4000000; my $n = 0; $n += length($x . "b") for 1 .. 300; print $n'
else
    echo "SKIP: a libc with its debug file: none is installed"
fi

# The example in three builds.
if "$home/tests/blame/build.sh" "$work/plain" logstat none debug >build.log 2>&1; then
    ./plain gen --seed 1 --mb 40 >access.log
    for kind in debug lines symbols stripped; do
        "$home/tests/blame/build.sh" "$work/logstat-$kind" logstat none $kind >build.log 2>&1 ||
            { verdict "not ok" "logstat, $kind" "$(cat build.log)" && continue; }
        case $kind in
        debug | lines) least=99 ;;
        symbols) least=97 ;;
        stripped) least=0 ;;
        esac
        has_libc_names || [ "$least" = 0 ] || least=80 # what libc does not export is much of what a copying program does
        case $kind in
        stripped) try "logstat, $kind" "$least" 100 --source unwind -- ./logstat-$kind report --json access.log ;;
        *)
            try "logstat, $kind" "$least" 100 --crates 'logstat|core|alloc|std' --source symtab -- \
                ./logstat-$kind report --json access.log
            ;;
        esac
    done
    # The session of each is called as its program is.
    for regression in none clone; do
        "$home/tests/blame/build.sh" "$work/whole-$regression" logstat $regression symbols >build.log 2>&1 || cat build.log
        strip -o logstat-$regression whole-$regression
        rustscope record -q --sample-rate 1999 -o logstat-$regression.json -- ./logstat-$regression report --json access.log \
            >out 2>log || cat log
    done
    if said=$("$home/tests/interop/stable.py" 90 logstat-none.json whole-none logstat-clone.json whole-clone); then
        verdict ok "stripped names are stable" "$said"
    else
        verdict "not ok" "stripped names are stable" "$said"
    fi
else
    echo "SKIP: logstat: $(tail -n 1 build.log)"
fi
exit $((n_failed > 0))
