# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# For tests that run GitLab's jobs here: gitlab-ci-local with the shell executor, and a forge of our own. Sourced with `work`
# set to a folder of the test's, from the top of the tree. What they define:
#   claim, result                    of tests/lib/claim.sh
#   start_forge HEAD                 tests/remote/server.py with merge request 7 of project 42 at HEAD; sets url
#   ask ARGUMENT...                  asks it
#   of_change EXPRESSION             Python, of c, the merge request
#   pipeline REVISION JOB... [-- OPTION...]   a pipeline of merge request 7 at REVISION in $work/repository, each job in a copy
#                                    of its own; its log is $log
#                                    of the source that `source` names, where it is set
#   red, green                       the same, which must fail or pass
#   kept JOB FILE...                 that JOB's artifacts have them
# shellcheck disable=SC2154,SC2034 # work; failed
# shellcheck source=tests/lib/claim.sh
. tests/lib/claim.sh

modules=$(tests/lib/npm-install tests/interop/npm) || { echo "$modules" && exit 77; }
gitlab_node=node # 22 or newer
for node in "$modules"/node_modules/node-linux-*/bin/node; do [ ! -x "$node" ] || gitlab_node=$node; done

server='' url=''
stop_forge() { [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null; }
start_forge() { # head
    stop_forge
    cat >"$work/state.json" <<END
{"tokens": {"right-token": {"user": "gate-bot"}},
 "repositories": {"group/app": {"id": 42, "changes": {"7": {"head": "$1", "head_repository": "group/app", "author": "somebody"}}}}}
END
    : >"$work/server.out" # of the server before this one
    /usr/bin/python3 tests/remote/server.py --state "$work/state.json" --limit-s 1700 >"$work/server.out" 2>"$work/server.err" &
    server=$!
    for _ in $(seq 100); do
        url=$(sed -n 's/^url //p' "$work/server.out")
        [ -z "$url" ] || return 0
        sleep 0.1
    done
    cat "$work/server.err"
    return 1
}
ask() { /usr/bin/python3 tests/remote/server.py ask "$url" "$@"; }
of_change() { # python expression of c, the merge request
    ask state | /usr/bin/python3 -c 'import json, sys
c = json.load(sys.stdin)["repositories"]["group/app"]["changes"]["7"]
sys.exit(0 if eval(sys.argv[1]) else json.dumps(c, indent=1))' "$1"
}

git_() { git -C "$work/repository" -c user.name=t -c user.email=t@example.com "$@"; }
# A repository of files that are there, whose default branch is main and which thinks that it came from a GitLab.
begin_repository() {
    git_ init -q -b main && git_ remote add origin git@gitlab.example.com:group/app.git && git_ add . && git_ commit -qm "a program" &&
        git_ update-ref refs/remotes/origin/main HEAD && git_ symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main
}
job_id=100 # grows with each pipeline, as GitLab's do; gitlab-ci-local draws lots
pipeline() { # revision job... [-- option...]
    local revision=$1 base jobs=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do jobs+=("$1") && shift; done
    [ $# = 0 ] || shift
    git_ checkout -q --detach "$revision" && git_ clean -qfdx -e .gitlab-ci-local || return 99
    base=$(git_ merge-base main "$revision")
    job_id=$((job_id + 1))
    log=$work/log
    (cd "$work/repository" && timeout 280 "$gitlab_node" "$modules/node_modules/gitlab-ci-local/dist/index.js" --force-shell-executor --shell-isolation \
        --no-color --concurrency 1 --variable CI_PIPELINE_SOURCE="${source-merge_request_event}" --variable CI_PROJECT_ID=42 --variable CI_PROJECT_PATH=group/app \
        --variable CI_MERGE_REQUEST_IID=7 --variable CI_MERGE_REQUEST_PROJECT_ID=42 --variable CI_MERGE_REQUEST_SOURCE_PROJECT_ID=42 \
        --variable CI_MERGE_REQUEST_PROJECT_PATH=group/app --variable CI_MERGE_REQUEST_SOURCE_PROJECT_PATH=group/app \
        --variable CI_MERGE_REQUEST_DIFF_BASE_SHA="$base" --variable CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main \
        --variable CI_MERGE_REQUEST_EVENT_TYPE=detached --variable CI_PIPELINE_IID=11 --variable CI_JOB_ID="$job_id" --variable CI_API_V4_URL="$url/api/v4" \
        --variable CI_SERVER_URL="$url" --variable CI_JOB_TOKEN=job-token "$@" "${jobs[@]}" >"$log" 2>&1 </dev/null)
}
tail_log() { tail -n 40 "$log" && return 1; }
red() { if pipeline "$@"; then echo "it did not fail" && tail_log; fi; }
green() { pipeline "$@" || tail_log; }
artifacts=$work/repository/.gitlab-ci-local/artifacts # of the last run of each job
kept() { # job file...: below rustscope-out
    local place=$artifacts/$1/rustscope-out
    shift
    for file in "$@"; do [ -s "$place/$file" ] || { echo "no $place/$file" && tail_log; } || return; done
}
