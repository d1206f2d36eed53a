# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016
# For the cases: programs whose result is known beforehand, because they report a figure instead of being timed.

# worker NAME VALUE [UNIT DIRECTION]: a program ./NAME that reports VALUE as its metric `work`.
worker() {
    printf '#!/bin/sh\necho "work %s %s %s" >"$RUSTSCOPE_METRICS"\n' "$2" "${3:-count}" "${4:-lower}" >"$1"
    chmod +x "$1"
}

# collect BASELINE CURRENT [OPTIONS]: pairs of two workers, gated by nothing but what they report.
collect() {
    baseline=$1 current=$2
    shift 2
    rustscope bench-run -q --baseline "./$baseline" --current "./$current" --metric work --launches 1 --name job --seed 7 \
        -o run.json "$@"
}

# matrix: rustscope.yml with the benchmarks parse-small, parse-large and sort; sort became slower.
matrix() {
    cat >job <<END
#!/bin/sh
echo "work \$1 count lower" >"\$RUSTSCOPE_METRICS"
END
    chmod +x job
    cat >rustscope.yml <<END
version: 1
metric: work
launches: 1
seed: 7
benchmarks:
  - name: parse-{size}
    tags: [quick]
    matrix: {size: [small, large]}
    baseline: {command: ./job 100}
    current: {command: './job 100 {size}'}
  - name: sort
    tags: [slow]
    baseline: {command: ./job 100}
    current: {command: ./job 130}
END
}

# begin_run: in the background, as $run. Six launches in, its program hangs until there is a file ./go.
begin_run() {
    cat >new <<END
#!/bin/sh
echo x >>"$PWD/count"
[ -e go ] || [ \$(wc -l <"$PWD/count") -le 5 ] || sleep 20
echo "work 130 count lower" >"\$RUSTSCOPE_METRICS"
END
    chmod +x new
    worker old 100
    rustscope bench-run -q --baseline ./old --current ./new --metric work --launches 1 --name job --seed 7 -o run.json &
    # shellcheck disable=SC2034 # for the cases
    run=$!
    while [ ! -e count ] || [ "$(wc -l <count)" -le 5 ]; do sleep 0.02; done
}

# counted FILE: whether a pair is in it.
counted() { value "$1" 'len(d["benchmarks"][0]["trials"]["arm"]) >= 2'; }

# jq is not everywhere, python3 of the system is: value FILE EXPRESSION, with the document as `d`.
value() {
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2"
}

# verdicts FILE: one line for each gated row, then the status of the gate.
verdicts() {
    value "$1" '"\n".join([" ".join([b["name"], b["metric"], b["verdict"], b["severity"]])
        for b in d["benchmarks"] if b.get("gated", True)] + ["gate " + d["gate"]["status"]])'
}

# status COMMAND...: runs it and says what it returned, past any redirection of its output.
exec 3>&1
status() {
    "$@" 3>&-
    echo "status $?" >&3
}

# --- recordings ---

# Where neither sampler is permitted there is nothing to see.
need_sampler() {
    sampler=$(rustscope doctor --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["sampler"])')
    [ "$sampler" != none ] || { echo "no sampler is permitted here" >&2; exit 77; }
}

# ends_with_us PID...: these are ended as well, whatever the end of the case is.
to_end=
ends_with_us() {
    to_end="$to_end $*"
    # shellcheck disable=SC2064 # as they are now; words
    trap "kill $to_end 2>/dev/null; :" EXIT
}

# until_true COMMAND...: within 20 s, else the case fails.
until_true() {
    tries=0
    until "$@" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 200 ] || { echo "in vain: $*" >&2; exit 1; }
        sleep 0.1
    done
}

# In the background of a shell SIGINT is ignored; python3 gives it the usual disposition back.
with_interrupts() {
    exec python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}

# complies FILE...: with the schema of sessions.
complies() {
    tree=$(cd "$CASE_DIR/../../.." && pwd)
    "$tree/tests/lib/validate-json" "$tree/src/format/session.schema.json" "$@" && echo complies
}

# compiled PROGRAM [OPTIONS OF GCC]: of a source whose time is known: 9 of 10 rounds are in slow_part, of which
# mix is inlined, the rest is in quick_part. PROGRAM N runs N rounds, 0: until it is killed.
compiled() {
    made=$1
    shift
    command -v gcc >/dev/null || { echo "no gcc is here" >&2; exit 77; }
    [ -e parts.c ] || cat >parts.c <<'END_OF_SOURCE'
#include <stdlib.h>

#ifndef N_STEPS
#define N_STEPS 90000
#endif

static volatile unsigned long sum = 1;

static inline __attribute__((always_inline)) unsigned long mix(unsigned long x, int n)
{
    for (int i = 0; i < n; i++)
        x = x * 6364136223846793005UL + 1442695040888963407UL;
    return x;
}

__attribute__((noinline, noclone)) void slow_part(void)
{
    sum += mix(sum, N_STEPS);
}

__attribute__((noinline, noclone)) void quick_part(void)
{
    sum += mix(sum, 10000);
}

int main(int n_words, char **words)
{
    long n = n_words > 1 ? atol(words[1]) : 0;

    for (long i = 0; !n || i < n; i++) {
        slow_part();
        quick_part();
    }
    return sum == 0;
}
END_OF_SOURCE
    gcc -g -O1 -o "$made" parts.c "$@"
}

# named FILE: the functions of ./parts.c and their sources, one a line.
named() {
    value "$1" '"\n".join(sorted("%s %s" % (f["name"], f["source"]) for f in d.get("functions", [])
        if f["name"] in ("main", "mix", "slow_part", "quick_part"))) or "none is named"'
}

# line_of TEXT: where it first stands in parts.c.
line_of() { grep -n -m 1 -F "$1" parts.c | cut -d : -f 1; }

# tree FILE: what `rustscope view` printed of it behind the list of functions.
tree() { sed -n '/total     self /,$p' "$1"; }

# changed_repository: here, of two commits; ./old and ./new are what they were built to. The second lets
# parse in src/work.c do five times the work, in line 9; render is as it was.
changed_repository() {
    command -v git >/dev/null || { echo "no git is here" >&2; exit 77; }
    command -v gcc >/dev/null || { echo "no gcc is here" >&2; exit 77; }
    mkdir -p src
    cat >src/work.c <<'END_OF_SOURCE'
#include <stdlib.h>

static volatile unsigned long sum = 1;

__attribute__((noinline, noclone)) void parse(void)
{
    unsigned long x = sum;

    for (int i = 0; i < 40000; i++)
        x = x * 6364136223846793005UL + 1442695040888963407UL;
    sum = x;
}

__attribute__((noinline, noclone)) void render(void)
{
    unsigned long x = sum;

    for (int i = 0; i < 40000; i++)
        x = (x ^ (x >> 7)) * 2862933555777941757UL + 3037000493UL;
    sum = x;
}

int main(int n_words, char **words)
{
    for (long i = n_words > 1 ? atol(words[1]) : 0; i > 0; i--) {
        parse();
        render();
    }
    return sum == 0;
}
END_OF_SOURCE
    git init -q .
    git config user.name Tester
    git config user.email tester@example.org
    git remote add origin https://someone:secret@github.com/owner/work.git
    git add src && git commit -qm 'work: a beginning'
    gcc -g -O1 -o old src/work.c
    sed -i '9s/40000/200000/' src/work.c
    git commit -qam 'work: more of it'
    gcc -g -O1 -o new src/work.c
}

# measured BASELINE CURRENT [OPTIONS]: pairs with samples in run.json. What decides is CPU time.
measured() {
    baseline=$1 current=$2
    shift 2
    rustscope bench-run -q -n 16 --allow-undecided --seed 7 --launches 1 --metric cpu --sample-rate 997 --blame-samples 0 \
        --name work --baseline-revision "$(git rev-parse HEAD~1)" --baseline "./$baseline 200" --current "./$current 200" \
        -o run.json "$@"
}

# need_trial_samples FILE: of its benchmarks.
need_trial_samples() {
    [ "$(value "$1" '"samples" in d["benchmarks"][0]["trials"]')" = True ] || { echo "no trial can be sampled here" >&2; exit 77; }
}

# verdict_complies FILE...: with the schema of verdicts.
verdict_complies() {
    tree=$(cd "$CASE_DIR/../../.." && pwd)
    "$tree/tests/lib/validate-json" "$tree/src/format/verdict.schema.json" "$@" && echo complies
}

# --- pipelines ---

# revisions: here, a repository of two commits. ./app reports its work: 100 in the first, $1 in the second.
revisions() {
    command -v git >/dev/null || { echo "no git is here" >&2; exit 77; }
    unset GITHUB_ACTIONS GITLAB_CI CI RUNNER_TEMP
    XDG_CACHE_HOME=$PWD/cache
    export XDG_CACHE_HOME
    mkdir project
    cd project || exit 1
    git init -q -b main .
    git config user.name Tester
    git config user.email tester@example.org
    worker app 100
    git add app && git commit -qm 'app: a beginning'
    worker app "$1"
    git commit -q --allow-empty -am 'app: another work'
}

# gate [OPTIONS]: of what lies in ., a figure and no time being measured.
gate() {
    rustscope ci -q --seed 7 --metric work --launches 1 --sample-rate 0 "$@"
}
