#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The demo on its real program ends red, with a comment and a page that name the program.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0 failed=0

claim() { # NAME COMMAND...
    name=$1
    shift
    if "$@" >/dev/null 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name" >&2
    fi
}

LOGSTAT_MB=4 "$root/examples/demo.sh" "$out" >"$out/log" 2>&1 || { cat "$out/log" >&2 && exit 1; }
claim "the mistake fails the gate" grep -q "exit status is 1" "$out/log"
claim "the comment names the program" grep -q 'logstat.*slower' "$out/comment.md"
claim "the page is whole" grep -q '</html>' "$out/report.html"
claim "the page loads nothing from elsewhere" sh -c "! grep -qE '(src|href)=\"(https?:)?//' '$out/report.html'"
cp "$root/examples/rustscope.yml" "$out/"
(cd "$out" && rustscope bench-run -q -c rustscope.yml --tag quick --trials 12 -o config.json) >"$out/log" 2>&1 ||
    { cat "$out/log" >&2 && exit 1; }
claim "the example configuration runs" grep -q 'top-500' "$out/config.json"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
