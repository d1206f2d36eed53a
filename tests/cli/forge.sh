# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016
# For the cases that post: a server with both forges' APIs and a memory (tests/remote/server.py), and the environment
# of a job of a CI system that reviews change 7 there. What has the token in it lies in $TMPDIR, not here.
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
BASE_SHA=4be20d1a000000000000000000000000000000aa
HEAD_SHA=9f3c1ab7000000000000000000000000000000bb
MERGE_SHA=77777777000000000000000000000000000000cc
# shellcheck disable=SC2034 # for the cases
NEXT_SHA=5e5e5e5e000000000000000000000000000000dd
TOKEN=tok-of-a-test-never-to-be-seen
server_py=$CASE_DIR/../../remote/server.py

server() { /usr/bin/python3 "$server_py" ask "$URL" "$@"; }

# forge PYTHON: the server. PYTHON changes its state `s`, its repository `r` and its change `c` before.
forge() {
    /usr/bin/python3 - "$TMPDIR/state.json" "$TOKEN" "$HEAD_SHA" "$BASE_SHA" "$1" <<'END'
import json, sys
path, token, head, base, code = sys.argv[1:]
c = {"head": head, "base": base, "labels": [], "events": []}
r = {"id": 42, "changes": {"7": c}}
s = {"tokens": {token: {"user": "github-actions[bot]", "may": ["read", "comment", "status", "check"]}}, "repositories": {"o/r": r}}
exec(code)
json.dump(s, open(path, "w"))
END
    /usr/bin/python3 "$server_py" --limit-s 100 --state "$TMPDIR/state.json" >"$TMPDIR/server.out" 2>/dev/null &
    ends_with_us $!
    until_true grep -q '^other' "$TMPDIR/server.out"
    URL=$(sed -n 's/^url //p' "$TMPDIR/server.out")
    export URL
}

# github EVENT REPOSITORY: a job of GitHub Actions, for a change that comes from REPOSITORY.
github() {
    export GITHUB_ACTIONS=true GITHUB_EVENT_NAME="$1" GITHUB_EVENT_PATH="$TMPDIR/event.json" \
        GITHUB_API_URL="$URL/api/v3" GITHUB_SERVER_URL=https://github.example GITHUB_REPOSITORY=o/r \
        GITHUB_SHA=$MERGE_SHA GITHUB_REF=refs/pull/7/merge GITHUB_RUN_ID=99 GITHUB_RUN_NUMBER=5 GITHUB_RUN_ATTEMPT=1 \
        GITHUB_TOKEN=$TOKEN
    event_of "$1" "$2" >"$GITHUB_EVENT_PATH"
}

# event_of EVENT REPOSITORY: the payload, for a change that comes from REPOSITORY.
event_of() {
    case $1 in
    pull_request | pull_request_target)
        cat <<END
{"number": 7, "pull_request": {"number": 7, "head": {"sha": "$HEAD_SHA", "ref": "topic", "repo": {"full_name": "$2"}},
  "base": {"sha": "$BASE_SHA", "ref": "main", "repo": {"full_name": "o/r"}}},
 "repository": {"full_name": "o/r", "default_branch": "main"}}
END
        ;;
    workflow_run)
        cat <<END
{"action": "completed", "workflow_run": {"id": 98, "event": "pull_request", "head_sha": "$HEAD_SHA", "head_branch": "topic",
  "head_repository": {"full_name": "$2"}, "pull_requests": [], "run_number": 5, "run_attempt": 1, "conclusion": "success",
  "created_at": "2026-03-01T12:00:00Z", "run_started_at": "2026-03-01T12:00:00Z"},
 "repository": {"full_name": "o/r", "default_branch": "main"}}
END
        ;;
    merge_group)
        cat <<END
{"action": "checks_requested", "merge_group": {"head_sha": "$MERGE_SHA", "head_ref": "refs/heads/gh-readonly-queue/main/pr-7-$BASE_SHA",
  "base_sha": "$BASE_SHA", "base_ref": "refs/heads/main"}, "repository": {"full_name": "o/r", "default_branch": "main"}}
END
        ;;
    push) echo '{"ref": "refs/heads/topic", "before": "'$BASE_SHA'", "after": "'$HEAD_SHA'", "repository": {"full_name": "o/r", "default_branch": "main"}}' ;;
    *) echo '{"repository": {"full_name": "o/r", "default_branch": "main"}}' ;;
    esac
}

# gitlab: a job of GitLab CI, for merge request 7 of project 42.
gitlab() {
    export GITLAB_CI=true CI=true CI_PIPELINE_SOURCE=merge_request_event CI_API_V4_URL="$URL/api/v4" \
        CI_SERVER_URL=https://gitlab.example CI_PROJECT_ID=42 CI_PROJECT_PATH=o/r CI_MERGE_REQUEST_IID=7 \
        CI_MERGE_REQUEST_PROJECT_ID=42 CI_MERGE_REQUEST_SOURCE_PROJECT_ID=42 CI_COMMIT_SHA=$HEAD_SHA \
        CI_MERGE_REQUEST_DIFF_BASE_SHA=$BASE_SHA CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main CI_DEFAULT_BRANCH=main \
        CI_PIPELINE_IID=5 CI_JOB_ID=77 CI_JOB_URL=https://gitlab.example/o/r/-/jobs/77 RUSTSCOPE_GITLAB_TOKEN=$TOKEN
}

# verdict PYTHON: verdict.json, a critical regression of the head; PYTHON changes it, `v`.
verdict() {
    /usr/bin/python3 - "$FIXTURES/verdict/valid/complete/input.json" "$HEAD_SHA" "$MERGE_SHA" "$1" <<'END'
import json, sys
path, head, merge, code = sys.argv[1:]
v = json.load(open(path))
v["change_head"] = head
v["failures"] = []
v["revisions"]["current"].update(revision=merge, dirty=False)
def passes():
    v["gate"].update(status="passed", would_be="passed", exit_status=0, reason="no regression")
    for b in v["benchmarks"]:
        b.update(verdict="unchanged", severity="none", change_pct=0.4)
    v["summary"]["n_by_verdict"].update(regression=0, unchanged=1)
    v["summary"]["n_by_severity"].update(critical=0, none=1)
exec(code)
json.dump(v, open("verdict.json", "w"))
END
}

# Addresses vary: those of the server become URL.
of_url() { sed "s|$URL|URL|g"; }

# post RESULTS [OPTIONS]: what it prints, and its status.
post() {
    status rustscope report --post "$@" >out.txt 2>err.txt
    of_url <out.txt
    of_url <err.txt
}

# comments: the marker's run and state, and the headline, of each comment of change 7.
comments() {
    server state | /usr/bin/python3 -c 'import json, sys
change = json.load(sys.stdin)["repositories"]["o/r"]["changes"]["7"]
for thread in change.get("threads", []):
    print("thread is", "resolved" if thread.get("resolved") else "open")
notes = change.get("comments", []) + [n for t in change.get("threads", []) for n in t["notes"]]
for comment in notes:
    marker, headline = (comment["body"].split("\n") + [""])[:2]
    print(comment["user"] + ":", " ".join(w for w in marker.split() if w.split("=")[0] in ("key", "seq", "state")), "|", headline)
print(len(notes), "in all")'
}

# repository EXPRESSION: of the server, as `r`.
repository() {
    server state | /usr/bin/python3 -c 'import json, sys
r = json.load(sys.stdin)["repositories"]["o/r"]
print(eval(sys.argv[1]))' "$1"
}

# asked changes|all: the requests so far, without those that only read or with them.
asked() {
    server requests | /usr/bin/python3 -c 'import json, sys
for line in sys.stdin:
    request = json.loads(line)
    if request["method"] != "GET" or sys.argv[1] == "all":
        print(request["method"], request["path"].split("/api/")[-1])' "$@"
}

# done_well: the server saw no token where none belongs, and none is in a file here.
done_well() {
    server stop && echo "nothing was violated"
    ! grep -rl -- "$TOKEN" . || echo "the token is in a file"
}
