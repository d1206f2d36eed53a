# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge 'c["labels"] = ["rustscope:accept"]
c["events"] = [{"label": "rustscope:accept", "action": "add", "by": "maintainer", "at": "2026-03-01T12:30:00Z"}]
s["faults"] = [{"request": "GET */issues/7/*events*", "preset": "forbidden", "times": 99}, {"request": "GET */issues/7/timeline*", "preset": "forbidden", "times": 99}]'
github pull_request o/r
verdict ''
post verdict.json
comments
done_well
