#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every workflow of examples/workflows/github, run by act in containers: pull requests of a Rust program that got slower, or did
# not, against a forge of our own (tests/remote/server.py). rustscope comes by the tarball of `make dist` and the image of
# `make image`; tests/act has what stands in for GitHub's own actions, the runner's image, and the program.
# Needs a Docker engine, Go for act, and what the images are made of; each is named where it is missing.
# ACT_KEEP=DIR keeps the logs there. ACT_ONLY=TEXT: only the workflows whose name has it.
# shellcheck disable=SC2317 # functions are called through claim
set -u -o pipefail
cd "$(dirname "$0")/../../.." || exit 2
home=$PWD
skip() { echo "SKIP: $1" && exit 77; }
docker info >/dev/null 2>&1 || skip "no Docker engine answers"
python=/usr/bin/python3
version=$(sed -n 's/^VERSION := //p' Makefile)
work=$(mktemp -d)
server='' url=''
had_tools=$(docker volume ls -q --filter name=^act-toolcache\$)
clean_up() {
    [ -z "$server" ] || kill "$server"
    [ -n "$had_tools" ] || docker volume rm act-toolcache >/dev/null 2>&1
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 143' TERM INT
only() { [[ $1 == *"${ACT_ONLY-}"* ]]; }
# shellcheck source=tests/lib/claim.sh
. tests/lib/claim.sh

# act, the runner, the tarball, the image
act=$home/build/interop/act-0.2.89
if [ ! -x "$act" ]; then
    command -v go >/dev/null || skip "act is built by Go, and there is none"
    GOBIN=$work/bin timeout 900 go install github.com/nektos/act@v0.2.89 >"$work/go.log" 2>&1 || skip "act cannot be built here: $(tail -n 1 "$work/go.log")"
    mkdir -p "${act%/*}" && mv "$work/bin/act" "$act"
fi
docker image inspect debian:trixie-slim >/dev/null 2>&1 || timeout 120 docker pull -q debian:trixie-slim >/dev/null 2>&1 ||
    skip "the image debian:trixie-slim cannot be had here"
runner=rustscope-act-runner:$(sha256sum tests/act/Dockerfile | cut -c 1-12)
docker image inspect "$runner" >/dev/null 2>&1 || docker build --network host -q -t "$runner" - <tests/act/Dockerfile >"$work/build.log" 2>&1 ||
    skip "the runner's image cannot be built here: $(tail -n 1 "$work/build.log")"
make -s dist >"$work/dist.log" 2>&1 || { cat "$work/dist.log" && exit 1; }
if only docker-action; then
    # Of these sources; a tag of their checksum tells whether it is there.
    built=rustscope-act-image:$({ git ls-files -s src stats docker Makefile .ci && git diff HEAD -- src stats docker Makefile .ci; } | sha256sum | cut -c 1-12)
    if ! docker image inspect "$built" >/dev/null 2>&1; then
        NETWORK=host make -s image >"$work/image.log" 2>&1 || { tail -n 20 "$work/image.log" && exit 1; }
        docker tag "rustscope:$version" "$built"
    fi
    docker tag "$built" "ghcr.io/acme/rustscope:$version"
fi

# What a company "acme" publishes: pinned, with a mirror of its own for the tarball.
store=$work/store
mkdir -p "$store/mirror/v$version" "$work/published"
cp "build/dist/rustscope-$version-linux-$(uname -m).tar.gz"* "$store/mirror/v$version/"
cp -r actions gitlab examples "$work/published/"
"$work/published/actions/pin" acme "$version" || exit 1
sed -i -e 's|default: https://github.com/acme/rustscope/releases/download|default: file:///store/mirror|' \
    -e "/tool-cache:/,/default:/s|default: ''|default: /store/tools|" "$work/published/actions/setup/action.yml" # act's own cache outlives us
local_actions=(--local-repository "acme/rustscope@v$version=$work/published")
while read -r name reference; do
    local_actions+=(--local-repository "actions/$name@$reference=$home/tests/act/$name")
done < <(sed -nE 's,^ +(- )?uses: actions/([a-z-]+)(/[a-z]+)?@([0-9a-f]+).*,\2 \4,p' examples/workflows/github/*.yml | sort -u)

# The repository: main, a change that is slower, one that is not, each merged into main as pull requests are checked out.
git_() { git -C "$work/repository" -c user.name=t -c user.email=t@example.com "$@"; }
cp -r tests/act/project "$work/repository"
git_ init -q -b main && git_ add . && git_ commit -qm "a program" && base=$(git_ rev-parse HEAD) || exit 1
change() { # branch sed-expression
    git_ checkout -q -b "$1" main && sed -i "$2" "$work/repository/src/main.rs" && git_ commit -qam "$1" &&
        git_ checkout -q -b "$1-merged" main && git_ merge -q --no-ff -m "Merge $1 into main" "$1"
}
change slower 's/CHECKS: u32 = 1/CHECKS: u32 = 3/' && change clean 's/"sum {sum:x}"/"the sum is {sum:x}"/' || exit 1
git_ remote add origin https://github.com/acme/app.git
git init -q --bare "$store/forge.git" && git -C "$store/forge.git" config uploadpack.allowAnySHA1InWant true
git_ push -q "$store/forge.git" --all
sha() { git_ rev-parse "$1"; }

state() { # head [head-repository]
    cat <<END
{"tokens": {"right-token": {"user": "github-actions[bot]", "may": ["read", "comment", "status", "check"]}},
 "repositories": {"acme/app": {"id": 42, "changes": {"7": {"head": "$1", "head_repository": "${2-acme/app}", "author": "somebody"}}}}}
END
}
start_forge() { # as state
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null
    state "$@" >"$work/state.json"
    : >"$work/server.out" # of the server before this one
    $python tests/remote/server.py --state "$work/state.json" --limit-s 1700 >"$work/server.out" 2>"$work/server.err" &
    server=$!
    for _ in $(seq 100); do
        url=$(sed -n 's/^url //p' "$work/server.out")
        [ -z "$url" ] || return 0
        sleep 0.1
    done
    cat "$work/server.err" && exit 1
}
ask() { $python tests/remote/server.py ask "$url" "$@"; }
of_change() { # python expression of c, the pull request, and s, the statuses
    ask state | $python -c 'import json, sys
r = json.load(sys.stdin)["repositories"]["acme/app"]
c, s = r["changes"]["7"], r.get("statuses", [])
sys.exit(0 if eval(sys.argv[1]) else json.dumps(r, indent=1))' "$1"
}

pull_request() { # head [head-repository]
    cat <<END
{"action": "synchronize", "number": 7,
 "pull_request": {"number": 7, "state": "open", "labels": [],
   "head": {"sha": "$1", "ref": "change", "repo": {"id": 43, "full_name": "${2-acme/app}"}},
   "base": {"sha": "$base", "ref": "main", "repo": {"id": 42, "full_name": "acme/app"}}},
 "repository": {"id": 42, "full_name": "acme/app", "default_branch": "main"}, "sender": {"login": "somebody"}}
END
}
# Runs it at a revision; log, outputs and summary are then in $log*.
run=0
workflow() { # name event revision run-id [argument of act...]
    local name=$1 event=$2 revision=$3 run_id=$4
    shift 4
    run=$((run + 1))
    log=$work/log.$run
    git_ checkout -q --detach "$revision" || return 99
    [ -e "$work/$name.yml" ] || cp "$work/published/examples/workflows/github/$name.yml" "$work/"
    DOCKER_HOST=${DOCKER_HOST-unix:///var/run/docker.sock} timeout 600 "$python" tests/act/run.py "$log" "$act" "$event" -W "$work/$name.yml" \
        -C "$work/repository" -e "$work/event.json" -P "ubuntu-24.04=$runner" --pull=false --rebuild=false --network host --rm \
        --concurrent-jobs 1 --container-daemon-socket - --container-options "-v $store:/store" --no-skip-checkout \
        --use-gitignore=false --no-cache-server --env GITHUB_API_URL="$url" --env GITHUB_RUN_ID="$run_id" --env GITHUB_RUN_NUMBER="$run_id" \
        --env GITHUB_SERVER_URL=https://github.com "${local_actions[@]}" "$@"
    local status=$?
    [ -z "${ACT_KEEP-}" ] || { mkdir -p "$ACT_KEEP" && cp "$log"* "$ACT_KEEP/"; }
    return "$status"
}
with_token=(-s GITHUB_TOKEN=right-token)
tail_log() { tail -n 40 "$log" && return 1; }
red() { # name event revision run-id ...: the workflow fails
    if workflow "$@"; then echo "it did not fail" && tail_log; fi
}
green() { workflow "$@" || tail_log; }
said() { grep -qE -e "$1" "$log" || { echo "the log does not say $1" && tail_log; }; }
output() { grep -qE -e "$1" "$log.outputs" || { echo "no output $1" && cat "$log.outputs" && return 1; }; }
kept() { # run artifact file...
    local place=$store/artifacts/$1/$2
    shift 2
    for file in "$@"; do [ -s "$place/$file" ] || { echo "$place/$file is not there" && return 1; }; done
}

slower_is_red() {
    start_forge "$(sha slower)" && pull_request "$(sha slower)" >"$work/event.json"
    red pull-request pull_request slower-merged 101 "${with_token[@]}" || return
    of_change 'len(c["comments"]) == 1 and "critical" in c["comments"][0]["body"] and "checksum" in c["comments"][0]["body"]' || return
    output ' gate=failed$' && output ' severity=critical$' && output ' exit-code=1$' && output ' worst-function=app::checksum$' &&
        output " head-sha=$(sha slower)" && output " baseline-sha=$base" && output ' comment-url=http' &&
        grep -q '1 critical regression' "$log.summary" && said '::error' && kept 101 rustscope session.json verdict.json report.html comment.md
}
clean_is_green() { # the same pull request after another push: its comment is brought up to date
    ask set 'repositories|acme/app|changes|7|head' "\"$(sha clean)\"" >/dev/null && pull_request "$(sha clean)" >"$work/event.json"
    green pull-request pull_request clean-merged 102 "${with_token[@]}" || return
    of_change 'len(c["comments"]) == 1 and "critical regression" not in c["comments"][0]["body"].splitlines()[1]' &&
        output ' gate=(passed|undecided)$' && output ' severity=none$' && output ' exit-code=0$' && grep -q '^## .*rustscope' "$log.summary"
}
accepted_without_measuring() {
    start_forge "$(sha slower)" && pull_request "$(sha slower)" >"$work/event.json"
    red acceptance pull_request slower-merged 103 "${with_token[@]}" || return
    grep -qE '^[^|]*measure[^|]*\|.*Job succeeded' "$log" || { echo "measuring failed" && tail_log; } || return
    of_change 'len(c["comments"]) == 1 and "critical" in c["comments"][0]["body"]' || return
    # A person sets the label and re-runs the failed job: the one before it is not run again, its artifact is still there.
    sleep 2
    ask set 'repositories|acme/app|changes|7|labels' '["rustscope:accept"]' >/dev/null
    ask set 'repositories|acme/app|changes|7|events' "[{\"label\": \"rustscope:accept\", \"action\": \"add\", \"by\": \"boss\", \"at\": \"$(date -u +%FT%TZ)\"}]" >/dev/null
    sed -E -e '/^    needs: measure$/d' -e "s/needs\.measure\.result/format('success')/g" "$work/acceptance.yml" >"$work/acceptance-again.yml"
    green acceptance-again pull_request slower-merged 103 "${with_token[@]}" --env GITHUB_RUN_ATTEMPT=2 -j gate || return
    ! grep -q 'measure' <(cut -d '|' -f 1 "$log") && output ' gate=accepted$' &&
        of_change 'len(c["comments"]) == 1 and "accepted" in c["comments"][0]["body"] and "boss" in c["comments"][0]["body"]'
}
forks_are_posted_by_the_second_workflow() {
    start_forge "$(sha slower)" stranger/app && pull_request "$(sha slower)" stranger/app >"$work/event.json"
    green fork-measure pull_request slower-merged 104 || return
    of_change 'not c.get("comments")' || return
    cat >"$work/event.json" <<END
{"action": "completed", "workflow_run": {"id": 104, "run_attempt": 1, "event": "pull_request", "conclusion": "success", "status": "completed",
   "head_sha": "$(sha slower)", "head_branch": "change", "name": "performance-measure", "pull_requests": [],
   "run_started_at": "$(date -u -d '5 minutes ago' +%FT%TZ)", "created_at": "$(date -u -d '5 minutes ago' +%FT%TZ)", "updated_at": "$(date -u +%FT%TZ)",
   "html_url": "https://github.com/acme/app/actions/runs/104",
   "head_repository": {"id": 43, "full_name": "stranger/app"}, "repository": {"id": 42, "full_name": "acme/app"}},
 "workflow": {"name": "performance-measure"}, "repository": {"id": 42, "full_name": "acme/app", "default_branch": "main"}, "sender": {"login": "stranger"}}
END
    red fork-post workflow_run main 105 "${with_token[@]}" || return
    of_change 'len(c["comments"]) == 1 and "critical" in c["comments"][0]["body"]' &&
        of_change "[t for t in s if t['sha'] == '$(sha slower)'][-1]['state'] == 'failure'"
}
shards_are_joined() {
    start_forge "$(sha slower)" && pull_request "$(sha slower)" >"$work/event.json"
    red shards pull_request slower-merged 106 "${with_token[@]}" || return
    kept 106 rustscope-shard-1 session.json && kept 106 rustscope-shard-2 session.json && kept 106 rustscope verdict.json report.html &&
        of_change 'len(c["comments"]) == 1 and all(n in c["comments"][0]["body"] for n in ("short", "long", "critical"))' && output ' benchmarks=2$'
}
merge_queue_is_gated() {
    start_forge "$(sha slower)"
    cat >"$work/event.json" <<END
{"action": "checks_requested", "merge_group": {"head_sha": "$(sha slower-merged)", "base_sha": "$base", "base_ref": "refs/heads/main",
   "head_ref": "refs/heads/gh-readonly-queue/main/pr-7-$base"},
 "repository": {"id": 42, "full_name": "acme/app", "default_branch": "main"}, "sender": {"login": "somebody"}}
END
    red merge-queue merge_group slower-merged 107 "${with_token[@]}" || return
    output ' gate=failed$' && of_change 'not c.get("comments")'
}
stored_baseline_is_reported_and_weaker() {
    start_forge "$(sha slower)"
    printf '{"repository": {"id": 42, "full_name": "acme/app", "default_branch": "main"}}' >"$work/event.json"
    green nightly workflow_dispatch main 108 --env GITHUB_REF=refs/heads/main || return
    pull_request "$(sha slower)" >"$work/event.json"
    green nightly-pull-request pull_request slower-merged 109 "${with_token[@]}" || return
    of_change 'len(c["comments"]) == 1 and "app" in c["comments"][0]["body"]'
}
container_action() {
    start_forge "$(sha slower)" && pull_request "$(sha slower)" >"$work/event.json"
    red docker-action pull_request slower-merged 110 "${with_token[@]}" || return
    output 'rustscope gate=failed$' && output 'rustscope sampler=ptrace$' && output 'rustscope worst-function=app::checksum$' &&
        said 'gate failed, worst change [0-9.]+ %' && of_change 'len(c["comments"]) == 1 and "checksum" in c["comments"][0]["body"]'
}
no_secret_in_a_log() { ! grep -rl right-token "$work"/log.* && ask violations; }

if only pull-request; then
    claim a_slower_pull_request_is_red_with_a_comment slower_is_red
    claim a_clean_pull_request_is_green_and_updates_the_comment clean_is_green
fi
! only acceptance || claim a_label_accepts_without_measuring_again accepted_without_measuring
! only fork || claim a_fork_is_measured_without_rights_and_posted_after forks_are_posted_by_the_second_workflow
! only shards || claim shards_are_joined_to_one_comment shards_are_joined
! only merge-queue || claim a_merge_queue_is_gated_without_a_comment merge_queue_is_gated
! only nightly || claim a_stored_baseline_is_told_and_does_not_gate stored_baseline_is_reported_and_weaker
! only docker-action || claim the_container_action_gates_prebuilt_programs_and_blames_by_ptrace container_action
claim no_token_was_seen no_secret_in_a_log
exit $failed
