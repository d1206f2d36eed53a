#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The main job on a real program: builds logstat twice, the second time with a mistake that reviewers miss, measures both
# side by side, decides, and writes the PR comment and the HTML page. usage: demo.sh [OUTDIR] [MISTAKE]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-build/demo}
mistake=${2:-clone}

mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -f "$out/run.json" "$out/run.json.journal"
echo "== building logstat twice; the second time with the mistake '$mistake'"
"$here/build-pair.sh" "$out" "$mistake"

echo "== rustscope bench-run: both programs in random pairs"
rustscope bench-run --name logstat --output "$out/run.json" \
    --baseline "'$out/a/logstat' report --json '$out/access.log'" \
    --current "'$out/b/logstat' report --json '$out/access.log'"

echo "== rustscope compare: the verdict"
gate=0
rustscope compare "$out/run.json" --output "$out/verdict.json" || gate=$?

rustscope report "$out/verdict.json" --format markdown --output "$out/comment.md"
rustscope report "$out/verdict.json" --format html --output "$out/report.html"
echo "== the gate's exit status is $gate (1: the change would not be merged)"
echo "   PR comment:  $out/comment.md"
echo "   HTML report: $out/report.html"
