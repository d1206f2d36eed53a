#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The components of gitlab/ run, by gitlab-ci-local: a merge request that makes a C program slower goes red and gets one note, a
# clean one goes green, a label accepts by a retry of the gate alone, and the widgets' files are what GitLab reads.
# shellcheck disable=SC2317 # functions are called through claim
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 2
work=$(mktemp -d)
trap 'stop_forge; rm -rf "$work"' EXIT
# shellcheck source=tests/interop/gitlab.sh
. tests/interop/gitlab.sh

mkdir "$work/repository" && cp -r gitlab tests/gitlab/app.c "$work/repository/"
printf '%s\n' app .gitlab-ci-local rustscope-out >"$work/repository/.gitignore"
for component in rustscope rustscope-two-jobs; do
    cat >"$work/repository/$component.yml" <<END
include:
  - local: gitlab/templates/$component.yml
    inputs:
      build: cc -O2 -g -o app app.c
      command: ./app
      threshold: "12"
      comment: always
END
done
begin_repository || exit 1
change() { # branch sed-expression
    git_ checkout -q -b "$1" main && sed -i "$2" "$work/repository/app.c" && git_ commit -qam "$1"
}
change slower 's/N_CHECKS 1 /N_CHECKS 5 /' && change clean 's/"sum %"/"the sum is %"/' || exit 1

slower_is_red() {
    start_forge "$(git_ rev-parse slower)" || return
    red slower rustscope -- --file rustscope.yml --variable RUSTSCOPE_GITLAB_TOKEN=right-token || return
    kept rustscope session.json verdict.json report.html gl-code-quality-report.json junit.xml metrics.txt || return
    of_change 'len(c["comments"]) == 1 and "critical" in c["comments"][0]["body"] and "checksum" in c["comments"][0]["body"]' || return
    grep -q '+24 %' "$log" || { echo "the threshold of the input did not arrive" && tail_log; }
}
# What GitLab's own readers ask of the files: an array of findings with these keys, JUnit, and OpenMetrics' last line.
widgets() {
    /usr/bin/python3 - "$artifacts/rustscope/rustscope-out" "$1" <<'END'
import json, sys, xml.etree.ElementTree as xml
folder, wanted = sys.argv[1], int(sys.argv[2])
findings = json.load(open(folder + "/gl-code-quality-report.json"))
# A clean change that a noisy machine could not decide is told as such; it is no regression.
findings = [finding for finding in findings if wanted or finding["check_name"] != "rustscope/undecided" or finding["severity"] != "info"]
assert len(findings) == wanted or (wanted and len(findings) >= wanted), findings
for finding in findings:
    assert finding["severity"] in ("info", "minor", "major", "critical", "blocker") and finding["description"] and finding["fingerprint"]
    assert finding["location"]["path"] == "app.c" and finding["location"]["lines"]["begin"] > 0, finding
suites = xml.parse(folder + "/junit.xml").getroot()
assert len(suites.findall(".//testcase")) == 1 and len(suites.findall(".//failure")) == min(wanted, 1)
assert open(folder + "/metrics.txt").read().endswith("# EOF\n")
END
}
clean_is_green() {
    ask set 'repositories|group/app|changes|7|head' "\"$(git_ rev-parse clean)\"" >/dev/null
    green clean rustscope -- --file rustscope.yml --variable RUSTSCOPE_GITLAB_TOKEN=right-token || return
    kept rustscope verdict.json report.html gl-code-quality-report.json junit.xml metrics.txt || return
    of_change 'len(c["comments"]) == 1 and "critical regression" not in c["comments"][0]["body"].splitlines()[1]'
}
accepted_without_measuring() {
    start_forge "$(git_ rev-parse slower)" || return
    green slower rustscope-measure -- --file rustscope-two-jobs.yml && kept rustscope-measure session.json verdict.json || return
    red slower rustscope -- --file rustscope-two-jobs.yml --variable RUSTSCOPE_GITLAB_TOKEN=right-token || return
    of_change 'len(c["comments"]) == 1 and "critical" in c["comments"][0]["body"]' || return
    kept rustscope gl-code-quality-report.json junit.xml metrics.txt || return
    sleep 2
    ask set 'repositories|group/app|changes|7|labels' '["rustscope:accept"]' >/dev/null
    ask set 'repositories|group/app|changes|7|events' "[{\"label\": \"rustscope:accept\", \"action\": \"add\", \"by\": \"boss\", \"at\": \"$(date -u +%FT%TZ)\"}]" >/dev/null
    green slower rustscope -- --file rustscope-two-jobs.yml --variable RUSTSCOPE_GITLAB_TOKEN=right-token || return
    ! grep -q '^rustscope-measure ' "$log" || { echo "it was measured again" && tail_log; } || return
    of_change 'len(c["comments"]) == 1 and "accepted" in c["comments"][0]["body"] and "boss" in c["comments"][0]["body"]'
}
without_token() { # a fork's pipeline: the job is the gate all the same, and nothing is posted
    start_forge "$(git_ rev-parse slower)" || return
    red slower rustscope -- --file rustscope.yml && kept rustscope junit.xml && of_change 'not c.get("comments")'
}
no_secret() { ! grep -r right-token "$log" "$artifacts" && ask violations; }

claim a_slower_merge_request_is_red_with_a_note slower_is_red
claim its_widgets_files_are_what_gitlab_reads widgets 1
claim a_clean_merge_request_is_green_and_updates_the_note clean_is_green
claim the_widgets_are_cleared widgets 0
claim a_label_accepts_without_measuring_again accepted_without_measuring
claim no_token_was_seen no_secret
claim without_a_token_the_job_is_the_gate without_token
exit $failed
