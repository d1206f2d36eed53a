#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every request that rustscope makes of GitHub, against GitHub's own OpenAPI description, and of GitLab, against one that
# follows its documentation, by a mock that validates (Prism): straight, which also shows that the examples of the
# descriptions are understood; and what was sent to a server that loses answers, replayed. Requests with faults are refused.
# Prism validates requests without its --errors, which would refuse GitHub's own examples as well.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 2
build=${BUILD:-build/release} here=tests/remote
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT
status=0

[ -e "$build/librustscope.a" ] || { echo "SKIP: rustscope is not built" && exit 0; }
command -v node >/dev/null || { echo "SKIP: no node" && exit 0; }
packages=$(tests/lib/npm-install "$here/npm") || { echo "$packages" && exit 0; }
descriptions=$packages/node_modules/@octokit/openapi/generated # 400 MB for other versions and forms
find "$descriptions" -name '*.json' ! -name api.github.com.json -delete
prism=$packages/node_modules/.bin/prism
# shellcheck disable=SC2046 # words
gcc -std=gnu17 -O1 -D_GNU_SOURCE -Isrc -I. $(pkg-config --cflags glib-2.0 gio-2.0 jansson libcurl) -o "$work/requests" \
    "$here/requests.c" "$build/librustscope.a" $(pkg-config --libs glib-2.0 gio-2.0 jansson libcurl) -lm || exit 1

until_says() { # file text
    local i
    for ((i = 0; i < 600; i++)); do
        ! grep -q "$2" "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    echo "not ok started: $(tail -n 3 "$1")"
    return 1
}

mock() { # name description; sets url
    node "$prism" mock -h 127.0.0.1 -p 0 "$2" >"$work/$1.mock" 2>&1 &
    pids+=($!)
    until_says "$work/$1.mock" 'listening on' || exit 1
    url=$(sed -n 's/.*listening on \(http:[^ ]*\).*/\1/p' "$work/$1.mock" | tail -n 1)
}

sha=6dcb09b5b57875f334f61aebed695e2e4193db5e
cat >"$work/state.json" <<JSON
{"tokens": {"a-token": {"user": "bot"}}, "page_size": 1, "repositories": {"o/r": {"id": 42, "changes": {"7": {
  "head": "$sha", "labels": ["bug"],
  "events": [{"label": "bug", "action": "add", "by": "a", "at": "2026-01-02T03:04:05Z"}],
  "comments": [{"id": 1, "user": "a", "body": "one"}, {"id": 2, "user": "a", "body": "two"}]}}}},
 "faults": [{"request": "POST */check-runs", "close": "after"},
            {"request": "POST */comments", "from": 2, "close": "after"},
            {"request": "POST */notes", "from": 2, "close": "after"}]}
JSON

lossy_server() { # name; sets server
    "$here/server.py" --state "$work/state.json" --log "$work/$1.log" --limit-s 300 >"$work/$1.server" 2>&1 &
    pids+=($!)
    until_says "$work/$1.server" '^other ' || exit 1
    server=$(sed -n 's/^url //p' "$work/$1.server")
}

try_forge() { # name base
    "$work/requests" "$1" "$url" | sed "s/ok /ok $1: /" || status=1
    "$work/requests" "$1" "$url" broken | sed "s/ok /ok $1: /" || status=1
    lossy_server "$1"
    "$work/requests" "$1" "$server$2" | sed "s/ok /ok $1, answers are lost: /" || status=1
    "$here/server.py" ask "$server" stop || { echo "not ok $1: violations" && status=1; }
    "$here/replay.py" "$work/$1.log" "$url" "$2" | sed "s/ok /ok $1: /" || status=1
}

"$here/trim.py" "$descriptions/api.github.com.json" \
    <"$here/github.operations" >"$work/github.json" || exit 1
mock github "$work/github.json"
try_forge github /api/v3
mock gitlab "$here/gitlab.openapi.yaml"
try_forge gitlab /api/v4
exit $status
