#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2317 # functions are called by name
# A short version of tests/bench/blame-live.sh: one run of a few regressions, and of a program against itself. What is
# claimed holds in 95 of 100 runs, so each has a second try.
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

arguments_of() { case $1 in interp) echo 120000 ;; index) echo 8000 ;; esac; }

build() { # program regression...
    local program=$1 regression status=0
    shift
    for regression in "$@"; do
        "$here/build.sh" "$work/$program-$regression" "$program" "$regression" >"$work/said" 2>&1 || status=$?
        [ $status != 77 ] || { echo "SKIP: $program: $(cat "$work/said")" && return 77; }
        [ $status = 0 ] || { echo "not ok $program builds" && cat "$work/said" && n_failed=$((n_failed + 1)) && return 1; }
    done
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

if build interp none slower alloc; then
    claim a_callee_that_is_slower_is_blamed_first in_two_tries run_once interp slower
    claim an_allocation_is_blamed_first in_two_tries run_once interp alloc
fi
if build index none often inline new; then
    claim a_function_that_is_called_more_often_is_blamed_first in_two_tries run_once index often
    claim a_function_that_is_not_inlined_any_more_is_blamed_first in_two_tries run_once index inline
    claim a_new_function_is_blamed_first in_two_tries run_once index new
    claim nobody_is_blamed_in_an_unchanged_program in_two_tries run_once index none
fi
exit $((n_failed > 0))
