# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
# Both have listed the comments, and found none, before either has written.
forge 's["faults"] = [{"request": "GET */issues/7/comments", "meet": 2}, {"request": "POST */issues/7/comments", "meet": 2}]'
github pull_request o/r
verdict ''
(GITHUB_RUN_NUMBER=6 rustscope report --post verdict.json >/dev/null 2>&1) &
rustscope report --post verdict.json 2>/dev/null
wait $!
asked changes | grep -c POST
comments
done_well
