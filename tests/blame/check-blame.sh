#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317 # functions are called by name
# A short version of tests/bench/blame-live.sh: one run of a few regressions, and of a program against itself. What is
# claimed holds in 95 of 100 runs, so each has a second try; and the programs that stand for the truth are checked.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n_failed=0

claim() { # NAME COMMAND...
    local name=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        echo "ok $name: $(tail -n 1 "$work/said")"
    else
        n_failed=$((n_failed + 1))
        echo "not ok $name"
        sed 's/^/    /' "$work/said"
    fi
}

score() { /usr/bin/python3 "$here/score.py" "$here/truth" "$@"; }

# The judge itself, on verdicts made by hand.
verdict() { # file, then per function: kind share name
    local file=$1 text=''
    shift
    while [ $# -gt 0 ]; do
        text="$text${text:+, }{\"benchmark\": \"b\", \"kind\": \"$1\", \"share_of_slowdown_pct\": $2, \"p_adjusted\": 0.001, \"function\": \"$3\"}"
        shift 3
    done
    printf '{"blame": [%s]}\n' "$text" >"$file"
}
judges_by_the_truth() {
    verdict "$work/right" slower 90 stem faster -9 find
    verdict "$work/wrong" slower 90 find slower 9 stem
    verdict "$work/beside" slower 90 stem slower 9 find
    verdict "$work/nobody"
    score --one "$work/right" index slower || return 1
    score --one "$work/nobody" index none || return 1
    for bad in wrong beside nobody; do
        ! score --one "$work/$bad" index slower || return 1
    done
    ! score --one "$work/right" index none
}
claim the_judge_goes_by_the_truth judges_by_the_truth

arguments_of() { case $1 in interp) echo "${2:-120000}" ;; index) echo "${2:-8000}" ;; esac; }

# shellcheck disable=SC2046 # words
all_builds_print_the_same() { # program
    local regression
    for regression in none $(score --list | awk -v program="$1" '$1 == program { print $2 }'); do
        "$here/build.sh" "$work/$1-$regression" "$1" "$regression" || return
        "$work/$1-$regression" $(arguments_of "$1" 500) >"$work/$1.$regression.out" || return
        cmp "$work/$1.none.out" "$work/$1.$regression.out" || return
    done
}

# shellcheck disable=SC2046
same_output() { # program
    local status=0
    all_builds_print_the_same "$1" >"$work/build.log" 2>&1 || status=$?
    [ $status != 77 ] || { echo "SKIP: $1: $(tail -n 1 "$work/build.log")" && return 77; }
    claim "all_builds_of_$1_print_the_same" test $status = 0
    [ $status = 0 ] || { cat "$work/build.log" && return 1; }
}

# With a fixed number of pairs: what the gate says of them is not asked here.
run_once() { # program regression
    local arguments run=$work/run.json
    arguments=$(arguments_of "$1")
    rm -f "$run" "$run.journal"
    rustscope bench-run -q --name "$1" -n 20 --measure-identical --sample-rate 499 -o "$run" \
        --baseline "$work/$1-none $arguments" --current "$work/$1-$2 $arguments" || return
    rustscope compare "$run" --blame all -o "$work/verdict.json" --fail-on none >"$work/compare.log" 2>&1 ||
        { cat "$work/compare.log" && return 1; }
    score --one "$work/verdict.json" "$1" "$2"
}
in_two_tries() { "$@" || "$@"; }

if same_output interp; then
    claim a_callee_that_is_slower_is_blamed_first in_two_tries run_once interp slower
    claim an_allocation_is_blamed_first in_two_tries run_once interp alloc
fi
if same_output index; then
    claim a_function_that_is_called_more_often_is_blamed_first in_two_tries run_once index often
    claim a_function_that_is_not_inlined_any_more_is_blamed_first in_two_tries run_once index inline
    claim a_new_function_is_blamed_first in_two_tries run_once index new
    claim nobody_is_blamed_in_an_unchanged_program in_two_tries run_once index none
fi
exit $((n_failed > 0))
