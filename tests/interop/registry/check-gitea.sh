#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A real forge: Gitea, built from its Go module, whose API has GitHub's shapes for pull requests, comments and statuses. A
# verdict is created, kept and updated on a real pull request. The program is kept in build/interop.
set -u -o pipefail
cd "$(dirname "$0")/../../.." || exit 2
home=$PWD build=${BUILD:-$PWD/build/release} version=v1.24.6
kept=$home/build/interop/gitea-$version
work=$(mktemp -d)
pid=
trap 'kill $pid 2>/dev/null; wait; rm -rf "$work"' EXIT
[ -e "$build/librustscope.a" ] || { echo "SKIP: rustscope is not built" && exit 0; }
for tool in go git curl; do
    command -v $tool >/dev/null || { echo "SKIP: Gitea: no $tool" && exit 0; }
done

# `go install` refuses a module with replacements, so it is built where it is the main one. Its pages need files that the
# module leaves out; its API does not.
if [ ! -x "$kept/gitea" ]; then
    mkdir -p "$kept"
    go mod download -json "code.gitea.io/gitea@$version" >"$work/module.json" 2>"$work/log" ||
        { echo "SKIP: Gitea $version cannot be had here: $(tail -n 1 "$work/log")" && exit 0; }
    rm -rf "$kept/source"
    cp -r "$(sed -n 's/.*"Dir": "\(.*\)".*/\1/p' "$work/module.json")" "$kept/source" && chmod -R u+w "$kept/source"
    (cd "$kept/source" && timeout 900 go build -tags 'sqlite sqlite_unlock_notify' -o ../gitea.new .) >"$work/log" 2>&1 ||
        { echo "SKIP: Gitea $version cannot be built here: $(tail -n 1 "$work/log")" && exit 0; }
    mv "$kept/gitea.new" "$kept/gitea"
fi
port=$(/usr/bin/python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
url=http://127.0.0.1:$port/api/v1
mkdir "$work/home"
export HOME=$work/home GITEA_WORK_DIR=$work/data
mkdir -p "$GITEA_WORK_DIR"
cat >"$work/app.ini" <<INI
RUN_USER = $(id -un)
RUN_MODE = prod
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = $port
ROOT_URL = http://127.0.0.1:$port/
STATIC_ROOT_PATH = $kept/source
DISABLE_SSH = true
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
PATH = $work/data/gitea.db
[repository]
ROOT = $work/data/repositories
[security]
INSTALL_LOCK = true
[log]
MODE = console
LEVEL = warn
[mailer]
ENABLED = false
[cron.update_checker]
ENABLED = false
INI
gitea() { timeout 120 "$kept/gitea" --config "$work/app.ini" "$@"; }
broken() { echo "not ok Gitea: $1" && tail -n 20 "$work/log" "$work/server" 2>/dev/null && exit 1; }
gitea migrate >"$work/log" 2>&1 || broken "no database"
gitea admin user create --username o --password "a long Password 1" --email o@example.org --must-change-password=false --admin \
    >"$work/log" 2>&1 || broken "no user"
REQUESTS_TOKEN=$(gitea admin user generate-access-token --username o --scopes all --raw 2>"$work/log" | tail -n 1)
export REQUESTS_TOKEN
"$kept/gitea" --config "$work/app.ini" web >"$work/server" 2>&1 &
pid=$!
for ((i = 0; i < 600; i++)); do
    ! curl -sf -m 5 "$url/version" >"$work/version" || break
    sleep 0.1
done
[ -s "$work/version" ] || broken "it does not answer"

printf 'header = "Authorization: token %s"\n' "$REQUESTS_TOKEN" >"$work/curlrc"
ask() { # method path json
    curl -sf -m 30 -K "$work/curlrc" -X "$1" -H 'Content-Type: application/json' -d "$3" "$url$2" >>"$work/log" || broken "$1 $2"
}
ask POST /user/repos '{"name": "r", "auto_init": true, "default_branch": "main"}'
ask POST /repos/o/r/contents/file '{"new_branch": "topic", "content": "eA==", "message": "a change"}'
for i in 1 2 3 4 5 6; do # the change is number 7
    ask POST /repos/o/r/issues "{\"title\": \"issue $i\"}"
done
ask POST /repos/o/r/pulls '{"head": "topic", "base": "main", "title": "a change"}'
ask POST /repos/o/r/labels '{"name": "bug", "color": "#ff0000"}'
ask POST /repos/o/r/issues/7/labels '{"labels": ["bug"]}'

# shellcheck disable=SC2046 # words
gcc -std=gnu17 -O1 -D_GNU_SOURCE -Isrc -I. $(pkg-config --cflags glib-2.0 gio-2.0 jansson libcurl) -o "$work/requests" \
    tests/remote/requests.c "$build/librustscope.a" $(pkg-config --libs glib-2.0 gio-2.0 jansson libcurl) -lm || exit 1
status=0
"$work/requests" gitea "$url" | sed "s/ok /ok Gitea: /" || status=1
curl -sf -m 30 -K "$work/curlrc" "$url/repos/o/r/issues/7/comments" >"$work/comments"
if /usr/bin/python3 - "$work/comments" <<'PY'; then
import json, sys
bodies = [c["body"] for c in json.load(open(sys.argv[1]))]
sys.exit(not (len(bodies) == 1 and "state=passed" in bodies[0] and bodies[0].endswith("a verdict")))
PY
    echo "ok Gitea: one comment is there, with the newest text"
else
    echo "not ok Gitea: $(cat "$work/comments")" && status=1
fi
exit $status
