# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge ''
github pull_request o/r
verdict ''
post verdict.json --comment-key linux --commit-status --check-run
post verdict.json --comment-key arm --commit-status --check-run
post verdict.json --comment-key linux
comments
repository '[s["context"] for s in r["statuses"]] + [c["name"] for c in r["check_runs"]]'
done_well
