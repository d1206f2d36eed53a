# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge ''
github merge_group o/r
verdict 'v["change_head"] = merge'
post verdict.json --commit-status --accept-label ''
repository '[(s["sha"] == "'$MERGE_SHA'", s["state"]) for s in r["statuses"]]'
asked changes
done_well
