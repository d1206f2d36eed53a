#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Blame on this machine, as it is: programs with regressions injected (tests/blame/truth), each measured side by side and
# compared many times. Is the culprit blamed first, are innocents blamed beside it, is anybody blamed in a program against
# itself? Prints a table with exact bounds; exit status 1 when a figure is missed.
# usage: tests/bench/blame-live.sh [-n RUNS] [-u UNCHANGED] [-o FOLDER] [-b BUILD] [-r HZ] [CASE...]      (rustscope on PATH)
#   -n  runs of each regression (20)         -u  runs of each program against itself (20)
#   -o  where verdicts go; those that are there count and are not measured again (a new folder under TMPDIR)
#   -b  debug, lines or symbols (debug)      -r  samples per second (what bench-run takes by itself)
#   CASE  PROGRAM/REGRESSION, with wildcards: 'interp/*' '*/alloc'; without: all
set -eu
n_runs=20 n_unchanged=20 folder='' build=debug rate=''
while getopts n:u:o:b:r: option; do
    case $option in
    n) n_runs=$OPTARG ;;
    u) n_unchanged=$OPTARG ;;
    o) folder=$OPTARG ;;
    b) build=$OPTARG ;;
    r) rate=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- '*'
home=$(cd "$(dirname "$0")/../.." && pwd)
blame=$home/tests/blame
rustscope=$(command -v rustscope)
if [ -z "$folder" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder/programs"
folder=$(cd "$folder" && pwd)
start=$SECONDS

is_wanted() { # program regression
    local pattern
    for pattern in "${cases[@]}"; do
        # shellcheck disable=SC2053 # a pattern
        [[ $1/$2 != $pattern ]] || return 0
    done
    return 1
}
cases=("$@")

# All paths have the same length, so that nothing but the code differs.
program_of() { # program regression copy
    local id
    id=$(printf %s "$2" | cksum | cut -c 1-6)
    echo "$folder/programs/$1.$build.$id.$3/$1"
}

built() { # program regression copy
    local file
    file=$(program_of "$1" "$2" "$3")
    [ ! -x "$file" ] || return 0
    mkdir -p "${file%/*}"
    "$blame/build.sh" "$file.new" "$1" "$2" "$build" && mv "$file.new" "$file"
}

arguments_of() { # program
    case $1 in
    interp) echo 120000 ;;
    index) echo 8000 ;;
    logstat)
        [ -s "$folder/access.log" ] || "$(program_of logstat none a)" gen --seed 1 --mb 10 >"$folder/access.log"
        echo "report --json $folder/access.log"
        ;;
    esac
}

measure() { # program regression n
    local result=$folder/$1.$2.$3.json arguments run=$folder/run.json copy=a blame_what=''
    [ ! -s "$result" ] || return 0
    [ "$2" != none ] || copy=b
    built "$1" none a && built "$1" "$2" $copy || return
    arguments=$(arguments_of "$1")
    [ "$2" != none ] || blame_what=all
    rm -f "$run" "$run.journal"
    "$rustscope" bench-run -q --name "$1" -o "$run" ${rate:+--sample-rate "$rate"} --measure-identical \
        --baseline "$(program_of "$1" none a) $arguments" --current "$(program_of "$1" "$2" $copy) $arguments" || return
    local status=0
    "$rustscope" compare "$run" ${blame_what:+--blame "$blame_what"} -o "$result.new" >"$folder/compare.log" 2>&1 || status=$?
    [ $status -le 1 ] || { cat "$folder/compare.log" >&2 && return $status; }
    mv "$result.new" "$result"
    rm -f "$run"
}

# Round by round, so that an interrupted run has seen all cases about equally often.
n_rounds=$((n_runs > n_unchanged ? n_runs : n_unchanged))
mapfile -t all < <(/usr/bin/python3 "$blame/score.py" "$blame/truth" --list)
skipped=' '
for ((round = 1; round <= n_rounds; round++)); do
    for line in "${all[@]}" 'interp none -' 'index none -' 'logstat none -'; do
        read -r program regression _ <<<"$line"
        limit=$n_runs
        [ "$regression" != none ] || limit=$n_unchanged
        [ "$round" -le "$limit" ] || continue
        is_wanted "$program" "$regression" || continue
        case $skipped in *" $program "*) continue ;; esac
        status=0
        measure "$program" "$regression" "$round" || status=$?
        [ $status != 77 ] || { skipped="$skipped$program " && echo "SKIP: $program: no compiler" && continue; }
        [ $status = 0 ] || exit $status
    done
done

echo "blame, live: $build builds, ${rate:-default} samples per second, $(nproc) CPUs, load $(cut -d' ' -f1 /proc/loadavg)"
status=0
/usr/bin/python3 "$blame/score.py" "$blame/truth" "$folder" || status=$?
echo "took $(((SECONDS - start + 30) / 60)) min; repeat with: tests/bench/blame-live.sh -n $n_runs -u $n_unchanged -b $build" \
    "${rate:+-r $rate }${cases[*]}"
exit $status
