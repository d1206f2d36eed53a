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
prebuilt_merged() { # the target branch got slower meanwhile, which is not this change's fault
    local base merged
    base=$(git_ rev-parse main) && git_ checkout -q -b innocent main && sed -i 's/"sum {sum:x}"/"the sum is {sum:x}"/' "$work/repository/src/main.rs" && git_ commit -qam innocent &&
        git_ checkout -q --detach slower && git_ merge -q --no-ff -m merged innocent && merged=$(git_ rev-parse HEAD) || return
    start_forge "$(git_ rev-parse innocent)" && green "$merged" -- --file prebuilt.yml "${token[@]}" --variable CI_MERGE_REQUEST_EVENT_TYPE=merged_result \
        --variable CI_MERGE_REQUEST_DIFF_BASE_SHA="$base" --variable CI_MERGE_REQUEST_TARGET_BRANCH_SHA="$head" \
        --variable CI_MERGE_REQUEST_SOURCE_BRANCH_SHA="$(git_ rev-parse innocent)"
}
# The project's packages are a folder here.
nightly() {
    start_forge "$head" || return
    mkdir -p "$work/api"
    /usr/bin/python3 -u tests/gitlab/packages.py "$work/api" job-token >"$work/files.log" 2>&1 &
    files=$!
    until port=$(sed -nE 's/.* port ([0-9]+) .*/\1/p' "$work/files.log") && [ -n "$port" ]; do sleep 0.1; done
    local api=(--variable CI_API_V4_URL="http://127.0.0.1:$port/api/v4")
    red slower -- --file nightly.yml "${api[@]}" || return # there is none yet
    source=schedule green main -- --file nightly.yml --variable CI_COMMIT_BRANCH=main "${api[@]}" || return
    green slower -- --file nightly.yml "${api[@]}" || return
    kept rustscope verdict.json report.html gl-code-quality-report.json && [ -s "$work/api/42-rustscope-nightly-baseline.json" ] &&
        grep -q '"GET .* 200' "$work/files.log"
}
claim a_merge_request_is_gated_by_one_job one_job
claim two_jobs_measure_and_gate two_jobs
claim shards_are_joined_to_one_note shards
claim prebuilt_programs_are_gated prebuilt
claim prebuilt_programs_of_a_merged_result_are_held_against_its_target prebuilt_merged
claim a_stored_baseline_is_told_and_does_not_gate nightly
exit $failed
