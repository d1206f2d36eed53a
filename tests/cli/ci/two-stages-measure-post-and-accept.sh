# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
revisions 150
git checkout -q -b topic && git branch -q -f main HEAD~1
BASE_SHA=$(git rev-parse HEAD~1) HEAD_SHA=$(git rev-parse HEAD)
forge ''
github pull_request o/r
GITHUB_SHA=$HEAD_SHA
echo "-- the first stage has no token and is green"
(
    unset GITHUB_TOKEN
    status gate --mode measure -- ./app >log 2>&1
    verdicts rustscope-out/verdict.json
)
echo "-- the second posts, and is the gate"
later() { status rustscope ci --mode post --results rustscope-out --output-dir posted >out.txt 2>err.txt; }
later
comments
grep -o 'gate failed: .*' err.txt
echo "-- the label, set after that, accepts without measuring again"
server set 'repositories|o/r|changes|7|labels' '["rustscope:accept"]'
server set 'repositories|o/r|changes|7|events' \
    "[{\"label\": \"rustscope:accept\", \"action\": \"add\", \"by\": \"maintainer\", \"at\": \"$(date -u -d '+1 minute' +%FT%TZ)\"}]"
GITHUB_RUN_ATTEMPT=2
later
comments
value posted/verdict.json 'd["gate"]["status"], d["acceptance"]["by"], d["acceptance"]["head"] == "'"$HEAD_SHA"'"'
echo "-- the next push is not waved through"
worker app 160
git commit -qam 'more work still'
HEAD_SHA=$(git rev-parse HEAD)
server set 'repositories|o/r|changes|7|head' "\"$HEAD_SHA\""
github pull_request o/r
GITHUB_SHA=$HEAD_SHA GITHUB_RUN_NUMBER=6
status gate --mode measure -- ./app >log 2>&1
server set 'repositories|o/r|changes|7|events' \
    '[{"label": "rustscope:accept", "action": "add", "by": "maintainer", "at": "2026-01-01T00:00:00Z"}]'
later
comments
done_well
