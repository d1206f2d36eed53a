#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every file of examples/workflows/gitlab run by gitlab-ci-local: a merge request that makes a Rust program slower. Needs cargo.
# shellcheck disable=SC2317 # functions are called through claim
set -u -o pipefail
cd "$(dirname "$0")/../../.." || exit 2
command -v cargo >/dev/null || { echo "SKIP: the examples build with cargo, and there is none" && exit 77; }
work=$(mktemp -d)
files=
trap 'stop_forge; [ -z "$files" ] || kill "$files"; rm -rf "$work"' EXIT
# shellcheck source=tests/interop/gitlab.sh
. tests/interop/gitlab.sh

cp -r tests/act/project "$work/repository" && cp -r gitlab "$work/repository/"
echo .gitlab-ci-local >>"$work/repository/.gitignore"
for file in examples/workflows/gitlab/*.yml; do # what is included lies beside it here
    sed -E 's|remote: https://raw.githubusercontent.com/OWNER/rustscope/v[^/]*/|local: |' "$file" >"$work/repository/${file##*/}"
done
begin_repository || exit 1
git_ checkout -q -b slower main && sed -i 's/CHECKS: u32 = 1/CHECKS: u32 = 3/' "$work/repository/src/main.rs" && git_ commit -qam slower || exit 1
head=$(git_ rev-parse slower)
token=(--variable RUSTSCOPE_GITLAB_TOKEN=right-token)
noted() { # text...: there is one note, and it has them
    of_change 'len(c["comments"]) == 1' || return
    for text in "$@"; do of_change "'$text' in c['comments'][0]['body']" || return; done
}

one_job() {
    start_forge "$head" && red slower -- --file merge-request.yml "${token[@]}" && kept rustscope verdict.json report.html && noted critical checksum
}
two_jobs() {
    start_forge "$head" && red slower -- --file acceptance.yml "${token[@]}" && kept rustscope-measure verdict.json &&
        kept rustscope verdict.json report.html gl-code-quality-report.json && noted critical checksum
}
shards() {
    start_forge "$head" && red slower -- --file shards.yml "${token[@]}" && kept merge session.json verdict.json && noted short long critical
}
prebuilt() {
    start_forge "$head" && red slower -- --file prebuilt.yml "${token[@]}" && kept rustscope verdict.json && noted critical checksum
}
# The server of artifacts is a folder here; it is asked for what the scheduled pipeline kept.
nightly() {
    start_forge "$head" || return
    local place=$work/api/api/v4/projects/42/jobs/artifacts/main/raw
    mkdir -p "$place"
    source=schedule green main -- --file nightly.yml --variable CI_COMMIT_BRANCH=main || return
    cp "$artifacts/baseline/baseline.json" "$place/" || return
    /usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory "$work/api" 0 >"$work/files.log" 2>&1 &
    files=$!
    until port=$(sed -nE 's/.* port ([0-9]+) .*/\1/p' "$work/files.log") && [ -n "$port" ]; do sleep 0.1; done
    green slower -- --file nightly.yml --variable CI_API_V4_URL="http://127.0.0.1:$port/api/v4" || return
    kept rustscope verdict.json report.html gl-code-quality-report.json && grep -q 'GET .*baseline.json?job=baseline' "$work/files.log"
}
claim a_merge_request_is_gated_by_one_job one_job
claim two_jobs_measure_and_gate two_jobs
claim shards_are_joined_to_one_note shards
claim prebuilt_programs_are_gated prebuilt
claim a_stored_baseline_is_told_and_does_not_gate nightly
exit $failed
