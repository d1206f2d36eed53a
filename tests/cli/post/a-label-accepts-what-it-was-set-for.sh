# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
label='c["labels"] = ["rustscope:accept"]; c["events"] = [{"label": "rustscope:accept", "action": "add", "by": "maintainer", "at": "%s"}]'
# The verdict was measured at 2026-03-01T12:05:00Z.
# shellcheck disable=SC2059 # ours
forge "$(printf "$label" 2026-03-01T12:30:00Z)"
github pull_request o/r
verdict ''
post verdict.json --format json -o accepted.json
grep -o '"status": "accepted"\|"by": "maintainer"\|"how": "label rustscope:accept"' accepted.json
comments
done_well
