# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge ''
github pull_request o/r
verdict 'blamed = json.load(open(path.replace("complete", "blame")))
v["blame"], v["blame_details"] = blamed["blame"], blamed["blame_details"]
v["benchmarks"][0]["name"] = blamed["blame"][0]["benchmark"]
v["revisions"]["current"]["repository"] = "https://github.com/o/r"'
post verdict.json --comment never --check-run --commit-status
repository '[(c["name"], c["head_sha"] == "'$HEAD_SHA'", c["status"], c["conclusion"], c["details_url"]) for c in r["check_runs"]]'
repository '[(a["path"], a["start_line"], a["annotation_level"]) for a in r["check_runs"][0]["annotations"]]'
repository '[(s["sha"] == "'$HEAD_SHA'", s["state"], s["context"], s["description"], s["target_url"]) for s in r["statuses"]]'
asked changes
done_well
