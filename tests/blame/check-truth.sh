#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The truth about the programs with injected regressions, against a count of instructions: see oracle.py. And the judge
# that scores verdicts by it, on verdicts made by hand.
set -u
# shellcheck disable=SC2317 # functions are called by name
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n_failed=0

score() { /usr/bin/python3 "$here/score.py" "$here/truth" "$@"; }

verdict() { # file, then per function: kind share name
    local file=$1 text=''
    shift
    while [ $# -gt 0 ]; do
        text="$text${text:+, }{\"benchmark\": \"b\", \"kind\": \"$1\", \"share_of_slowdown_pct\": $2,
            \"p_adjusted\": 0.001, \"function\": \"$3\"}"
        shift 3
    done
    printf '{"blame": [%s]}\n' "$text" >"$file"
}

judges_by_the_truth() {
    local bad
    verdict "$work/right" slower 90 stem faster -9 find
    verdict "$work/wrong" slower 90 find slower 9 stem
    verdict "$work/beside" slower 90 stem slower 9 find
    verdict "$work/nobody"
    score --one "$work/right" index slower && score --one "$work/nobody" index none || return
    for bad in wrong beside nobody; do
        ! score --one "$work/$bad" index slower || return
    done
    ! score --one "$work/right" index none
}
if judges_by_the_truth >"$work/said" 2>&1; then echo "ok the_judge_goes_by_the_truth"; else
    n_failed=$((n_failed + 1))
    echo "not ok the_judge_goes_by_the_truth"
    cat "$work/said"
fi

if ! command -v valgrind >/dev/null || ! command -v callgrind_annotate >/dev/null; then
    echo "SKIP: no valgrind"
    exit $((n_failed > 0))
fi
for program in interp index logstat; do
    status=0
    "$here/build.sh" "$work/$program-none" $program none symbols >"$work/said" 2>&1 || status=$?
    if [ $status = 77 ]; then
        echo "SKIP: $program: $(cat "$work/said")"
        continue
    fi
    mapfile -t cases < <(score --list | awk -v program=$program '$1 == program { print $1 "/" $2 }')
    /usr/bin/python3 "$here/oracle.py" "$here/truth" "$work" "${cases[@]}" || n_failed=$((n_failed + 1))
done
exit $((n_failed > 0))
