#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The test driver is tested on trees of its own: what must fail is reported as failed, and nothing is counted twice.
set -u
home=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n_bad=0

claim() { # name status-of-what-was-just-tested
    if [ "$2" = 0 ]; then echo "ok $1"; else
        echo "not ok $1"
        sed 's/^/  | /' "$work/log"
        n_bad=1
    fi
}

# A tree without tests; the programs of its build directory are scripts.
new_tree() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree"/{tests/unit,tests/fuzz,tests/cli/demo,tests/shell,build/tests/unit,build/tests/fuzz,fixtures,examples}
}

program() { # kind/name, script on stdin
    touch "$work/tree/tests/$1.c"
    { echo '#!/bin/sh' && cat; } >"$work/tree/build/tests/$1"
    chmod +x "$work/tree/build/tests/$1"
}

case_file() { cat >"$work/tree/tests/cli/demo/$1"; }

driver_says() { # closing line, kinds...
    local expected=$1 status
    shift
    "$home/tests/run" -C "$work/tree" -b build "$@" >"$work/log" 2>&1
    status=$?
    [ "$(tail -n 1 "$work/log")" = "$expected" ] || return 1
    case $expected in *" 0 failed"*) [ $status = 0 ] ;; *) [ $status != 0 ] ;; esac
}

case_ends() { # exit status, name, options...
    local expected=$1 name=$2
    shift 2
    "$home/tests/cli/run" -C "$work/tree" -b build "$@" "tests/cli/demo/$name.sh" >"$work/log" 2>&1
    [ $? = "$expected" ]
}

new_tree
driver_says "0 passed, 0 failed, 0 skipped"
[ "$(tail -n 1 "$work/log")" = "0 passed, 0 failed, 0 skipped" ] && grep -q 'no tests found' "$work/log"
claim an_empty_tree_is_said $?
"$home/tests/run" -C "$work/tree" -b build >/dev/null 2>&1
[ $? = 1 ]
claim an_empty_tree_does_not_pass $?

echo 'echo "100%: Checks: 12, Failures: 0, Errors: 0"' | program unit/test_good
driver_says "12 passed, 0 failed, 0 skipped" unit
claim each_check_of_a_program_counts $?

printf '%s\n' 'echo "50%: Checks: 4, Failures: 1, Errors: 1"' 'echo the details' 'exit 1' | program unit/test_bad
driver_says "14 passed, 2 failed, 0 skipped" unit && grep -q 'the details' "$work/log"
claim failures_and_errors_count_and_are_shown $?

echo 'echo "0%: Checks: 1, Failures: 1, Errors: 0"' | program unit/test_bad
driver_says "12 passed, 1 failed, 0 skipped" unit
claim a_failed_check_counts_even_with_exit_status_0 $?

# shellcheck disable=SC2016 # the script's own $$
echo 'kill -SEGV $$' | program unit/test_bad
driver_says "12 passed, 1 failed, 0 skipped" unit
claim a_program_that_crashes_fails $?

echo 'exit 0' | program unit/test_bad
driver_says "12 passed, 1 failed, 0 skipped" unit
claim a_program_without_checks_fails $?

printf '%s\n' 'echo "SKIP: no counters here"' 'echo "100%: Checks: 2, Failures: 0, Errors: 0"' | program unit/test_bad
driver_says "13 passed, 0 failed, 1 skipped" unit && grep -q 'test_bad: no counters here' "$work/log"
claim a_skip_has_a_reason_and_is_not_a_pass $?

rm "$work/tree/build/tests/unit/test_bad"
driver_says "12 passed, 1 failed, 0 skipped" unit
claim a_program_that_was_not_built_fails $?

# shellcheck disable=SC2016
echo 'test -z "${CI-}${GITHUB_SHA-}${MAKEFLAGS-}" && echo "100%: Checks: 1, Failures: 0, Errors: 0"' | program unit/test_bad
CI=true GITHUB_SHA=abc MAKEFLAGS=-j9 driver_says "13 passed, 0 failed, 0 skipped" unit
claim the_ci_is_not_seen_by_a_test $?

new_tree
# shellcheck disable=SC2016
echo 'ls "$1"' | program fuzz/fuzz_json
driver_says "0 passed, 1 failed, 0 skipped" replay
claim a_fuzz_target_without_corpus_fails $?
mkdir -p "$work/tree/tests/fuzz/corpus/json"
driver_says "1 passed, 0 failed, 0 skipped" replay
claim a_fuzz_target_replays_its_own_corpus $?

new_tree
printf '%s\n' '#!/bin/sh' 'echo ok one' 'echo not ok two' 'echo SKIP: three' >"$work/tree/tests/shell/check-it.sh"
chmod +x "$work/tree/tests/shell/check-it.sh"
driver_says "1 passed, 1 failed, 1 skipped" shell
claim a_shell_test_counts_its_lines $?

new_tree
echo 'echo hello' | case_file good.sh
echo hello | case_file good.out
case_ends 0 good
claim a_case_with_its_expected_output_passes $?

printf hello | case_file good.out
case_ends 1 good
claim a_missing_newline_is_a_difference $?

printf 'echo hello\necho oops >&2\n' | case_file good.sh
echo hello | case_file good.out
case_ends 1 good
claim unexpected_stderr_fails $?

printf 'echo hello\nexit 3\n' | case_file good.sh
case_ends 1 good
claim an_unexpected_exit_status_fails $?
echo 3 | case_file good.exit
case_ends 0 good
claim an_expected_exit_status_passes $?
echo 4 | case_file good.exit
case_ends 1 good && grep -q 'exit status 3 instead of 4' "$work/log"
claim another_exit_status_than_expected_fails $?

printf 'echo new\necho err >&2\nexit 5\n' | case_file good.sh
case_ends 0 good --update && case_ends 0 good &&
    [ "$(cat "$work/tree/tests/cli/demo/good."{out,err,exit})" = $'new\nerr\n5' ]
claim update_rewrites_all_three_expectations $?
echo true | case_file good.sh
case_ends 0 good --update && case_ends 0 good && [ ! -e "$work/tree/tests/cli/demo/good.out" ] &&
    [ ! -e "$work/tree/tests/cli/demo/good.exit" ]
claim update_removes_what_is_no_longer_expected $?

printf 'echo "took 12.5 ms [ok] (a)"\necho x\necho y\necho end\n' | case_file vary.sh
printf 'took * ms [ok] (a)\n...\nend\n' | case_file vary.out.glob
case_ends 0 vary
claim patterns_match_line_by_line $?
printf 'took * s [ok] (a)\n...\nend\n' | case_file vary.out.glob
case_ends 1 vary && case_ends 1 vary --update
claim a_pattern_that_does_not_match_fails_and_is_not_overwritten $?
printf 'took * ms [ok] (a)\nx\ny\n' | case_file vary.out.glob
case_ends 1 vary
claim a_line_too_many_fails $?
printf 'took * ms [ok] (a)\nx\ny\nend\nmore\n' | case_file vary.out.glob
case_ends 1 vary
claim a_line_too_few_fails $?
printf 'took * ms [ok] (a)\n...\nnever\n' | case_file vary.out.glob
case_ends 1 vary
claim dots_do_not_swallow_what_must_follow $?

# shellcheck disable=SC2016
echo 'echo "$PWD $FIXTURES $EXAMPLES ${CI-none} $(cat | wc -c) $(ls | wc -l)"' | case_file where.sh
# shellcheck disable=SC2016
echo '$SCRATCH $FIXTURES $EXAMPLES none 0 0' | case_file where.out
CI=true case_ends 0 where
claim a_case_runs_in_an_empty_directory_without_ci_or_stdin $?

printf 'echo no network >&2\nexit 77\n' | case_file skip.sh
case_ends 77 skip && [ "$(cat "$work/log")" = "no network" ]
claim a_case_that_cannot_run_gives_its_reason $?

echo 'sleep 30' | case_file slow.sh
CLI_LIMIT_S=1 case_ends 1 slow && grep -q 'ended after 1 s' "$work/log"
claim a_case_that_hangs_is_ended_and_fails $?

rm "$work"/tree/tests/cli/demo/*
echo true | case_file good.sh
echo false | case_file bad.sh
printf 'echo why >&2\nexit 77\n' | case_file skip.sh
driver_says "1 passed, 1 failed, 1 skipped" cli && grep -q 'skip.sh: why' "$work/log"
claim the_driver_counts_cases $?
failures_are() { # lines, of the log on stdin
    local wanted=$1
    cat >"$work/stage"
    "$home/.ci/failures" "$work/stage" >"$work/log" 2>&1 && [ "$(cat "$work/log")" = "$wanted" ]
}

failures_are $'FAILED    3 passed    0.10 s  tests/unit/test_b\n    b is wrong\n        skipped: no counters here\nFAILED    0 passed    0.10 s  tests/cli/c.sh\n    c is wrong' <<LOG
ok        5 passed    0.10 s  tests/unit/test_a
FAILED    3 passed    0.10 s  tests/unit/test_b
    b is wrong
        skipped: no counters here
ok        5 passed    0.10 s  tests/unit/test_d
    d has something to say
FAILED    0 passed    0.10 s  tests/cli/c.sh
    c is wrong
10 passed, 2 failed, 1 skipped
LOG
claim the_ci_shows_again_what_failed $?

failures_are $'one\ntwo' <<<$'one\ntwo'
claim the_ci_shows_the_end_of_a_log_without_tests $?

{ echo 'FAILED a' && seq 100 | sed 's/^/    /' && for i in b c d; do echo "FAILED $i" && seq 20 | sed 's/^/    /'; done; } >"$work/stage"
"$home/.ci/failures" "$work/stage" >"$work/log" 2>&1 && [ "$(wc -l <"$work/log")" = 61 ] &&
    grep -q '^    100$' "$work/log" && ! grep -q '^    50$' "$work/log" && grep -q '^FAILED c$' "$work/log" &&
    tail -n 1 "$work/log" | grep -q 'and 28 lines more'
claim the_ci_shows_of_long_failures_the_end $?
exit $n_bad
