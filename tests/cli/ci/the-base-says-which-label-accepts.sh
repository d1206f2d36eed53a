# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
revisions 150
git reset -q --hard HEAD~1
printf 'version: 1\nmetric: [work]\nacceptance: {label: perf-ok}\nbenchmarks:\n  - {name: app, baseline: ./app, current: ./app}\n' >rustscope.yml
printf '*\n' >.gitignore
git add -f rustscope.yml .gitignore && git commit -qm 'rules'
git checkout -q -b topic
worker app 150
git commit -qam 'slower'
# shellcheck disable=SC2034 # of forge.sh
BASE_SHA=$(git rev-parse HEAD~1) HEAD_SHA=$(git rev-parse HEAD)
forge ''
github pull_request o/r
export GITHUB_SHA="$HEAD_SHA"
status gate --mode measure -- ./app >log 2>&1
labelled() {
    server set 'repositories|o/r|changes|7|labels' "[\"$1\"]"
    server set 'repositories|o/r|changes|7|events' \
        "[{\"label\": \"$1\", \"action\": \"add\", \"by\": \"maintainer\", \"at\": \"$(date -u -d '+1 minute' +%FT%TZ)\"}]"
}
later() {
    status rustscope ci --mode post --results rustscope-out --output-dir posted "$@" >out.txt 2>err.txt
    value posted/verdict.json 'd["gate"]["status"], (d.get("acceptance") or {}).get("how")'
}
labelled rustscope:accept
echo "-- another label than the base's"
later
echo "-- an option says otherwise"
later --accept-label rustscope:accept
echo "-- the base's"
labelled perf-ok
later
status rustscope report --post rustscope-out/verdict.json --comment never --format json -o accepted.json 2>err.txt
value accepted.json 'd["gate"]["status"], d["acceptance"]["how"]'
done_well
