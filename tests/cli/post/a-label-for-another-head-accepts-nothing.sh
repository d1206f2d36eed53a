# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
# It was set after the measurement, but the change has moved on.
forge 'c["head"] = "'$NEXT_SHA'"; c["labels"] = ["rustscope:accept"]
c["events"] = [{"label": "rustscope:accept", "action": "add", "by": "maintainer", "at": "2026-03-01T12:30:00Z"}]'
github pull_request o/r
verdict ''
post verdict.json --format json -o accepted.json
grep -o '"status": "failed"' accepted.json
asked changes
done_well
