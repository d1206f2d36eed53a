# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
# The verdict was measured at 2026-03-01T12:05:00Z; the label is from before the push.
forge 'c["labels"] = ["rustscope:accept"]; c["events"] = [{"label": "rustscope:accept", "action": "add", "by": "maintainer", "at": "2026-03-01T11:00:00Z"}]'
github pull_request o/r
verdict ''
post verdict.json
comments
repository '"set it again after looking at this report" in r["changes"]["7"]["comments"][0]["body"]'
done_well
