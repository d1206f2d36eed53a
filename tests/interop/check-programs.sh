#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Programs that nobody here wrote, under both samplers: compilers, interpreters, programs of other runtimes. A profile
# comes out, the program's output and exit status are what they are without us, and stacks are whole where the program
# has unwind information. Programs that are not there are skipped.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2

cat >work.c <<'C'
#include <stdio.h>
#define F(n) int f##n(int x) { int s = 0; for (int i = 0; i < x; i++) { s += i * n ^ s >> 3; if (s & 64) s -= n; } return s; }
#define G(n) F(n##0) F(n##1) F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7) F(n##8) F(n##9)
#define H(n) G(n##0) G(n##1) G(n##2) G(n##3) G(n##4) G(n##5) G(n##6) G(n##7) G(n##8) G(n##9)
H(1)
int main(void) { return printf("%d\n", f100(9)) < 0; }
C
cat >work.rs <<'RS'
use std::collections::HashMap;
fn main() {
    let mut m: HashMap<String, Vec<u64>> = HashMap::new();
    for i in 0..1000u64 { m.entry(format!("{}", i % 37)).or_default().push(i); }
    let mut v: Vec<_> = m.iter().map(|(k, v)| (k.clone(), v.iter().map(|x| x * x).sum::<u64>())).collect();
    v.sort_by(|a, b| b.1.cmp(&a.1));
    println!("{:?}", &v[..3]);
}
RS
cat >work.py <<'PY'
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(25), sorted(str(i) for i in range(20000))[:3])
PY
cat >work.go <<'GO'
package main
import "fmt"
func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }
func main() {
	results := make(chan int)
	for i := 0; i < 4; i++ { go func() { results <- fib(32) }() }
	for i := 0; i < 4; i++ { fmt.Println(<-results) }
}
GO
mkdir -p java && cat >java/Work.java <<'JAVA'
public class Work {
    static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
    public static void main(String[] a) { for (int i = 0; i < 5; i++) System.out.println(fib(34)); }
}
JAVA

n_failed=0
verdict() { # ok-or-not label message
    [ "$1" = ok ] || n_failed=$((n_failed + 1))
    echo "$1 $2: $3"
}

# label least-share-of-whole-stacks command...: the shares hold on a busy machine too, where the process has gone on or
# ended before what was not copied of a stack is read.
try() {
    local label=$1 least=$2 sampler
    shift 2
    "$@" >plain.out 2>plain.err
    local status=$?
    [ $status = 0 ] || { echo "SKIP: $label: it does not work here without us: $(tail -n 1 plain.err)" && return; }
    for sampler in perf ptrace; do
        rm -f session.json
        rustscope record -q --sampler $sampler --sample-rate 499 -o session.json -- "$@" >profiled.out 2>profiled.err
        local own=$?
        if grep -q 'cannot sample with' profiled.err; then
            echo "SKIP: $label, $sampler: $(cat profiled.err)"
        elif [ $own != 0 ]; then
            verdict "not ok" "$label, $sampler" "rustscope ended with $own: $(tail -n 3 profiled.err)"
        elif ! cmp -s plain.out profiled.out; then
            verdict "not ok" "$label, $sampler" "the output changed"
        else
            if said=$(/usr/bin/python3 - "$least" "$status" <<'PYTHON'
import json, sys
session = json.load(open("session.json"))
ends = session["sampling_diagnostics"]["stack_ends"]
n = sum(ends.values())
share = ends["complete"] / n if n else 0
own = session["process_summary"]["exit_status"]
print(f"{n} samples, {100 * share:.1f} % whole, exit status {own}")
sys.exit(not (n >= 1 and share >= float(sys.argv[1]) and own == int(sys.argv[2])))
PYTHON
            ); then verdict ok "$label, $sampler" "$said"; else verdict "not ok" "$label, $sampler" "$said"; fi
        fi
    done
}
have() { command -v "$1" >/dev/null || { echo "SKIP: no $1 here" && false; }; }

have gcc && try "gcc and its cc1" 0.9 gcc -O2 -c -o work.o work.c
have rustc && try "rustc compiling" 0.9 rustc --edition 2021 -O -o work-rs work.rs
have cargo && cargo init -q --edition 2021 --name work crate >/dev/null 2>&1 && cp work.rs crate/src/main.rs &&
    try "cargo building" 0.8 sh -c 'cd crate && touch src/main.rs && exec cargo build -q --release --offline'
have git && try "git" 0.9 sh -c 'git init -q r 2>/dev/null; cd r; for i in 1 2 3; do
    head -c 400000 ../work.c >f; seq 200000 >>f; git add f; git -c user.name=a -c user.email=b -c core.compression=9 \
    repack -q -a -d; git count-objects >/dev/null; git hash-object f; done'
have python3 && try "python3" 0.9 python3 work.py
have gzip && seq 2000000 >numbers && try "gzip" 0.95 sh -c 'gzip -9c numbers | cksum'
have go && GO111MODULE=off go build -o work-go work.go && try "a Go program" 0 ./work-go
have javac && javac -d java java/Work.java && try "a Java program" 0 java -cp java Work
exit $((n_failed > 0))
