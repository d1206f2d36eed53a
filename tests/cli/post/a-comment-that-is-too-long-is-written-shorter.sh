# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
# A server that takes less than it says, and a verdict of 400 benchmarks.
forge 's["comment_limit_chars"] = 20000'
github pull_request o/r
verdict 'import copy
first = v["benchmarks"][0]
for i in range(400):
    b = copy.deepcopy(first)
    b["name"] = "benchmark_with_a_rather_long_name_%d" % i
    v["benchmarks"].append(b)'
post verdict.json
comments
asked changes
repository 'len(r["changes"]["7"]["comments"][0]["body"]) <= 20000'
done_well
