# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge 's["tokens"]["'$TOKEN'"] = {"user": "project_42_bot", "may": ["read", "user", "comment", "status"]}'
gitlab
verdict ''
post verdict.json --commit-status --check-run
comments
verdict 'passes()'
CI_JOB_ID=78
post verdict.json --commit-status
post verdict.json --commit-status # a repeat is refused as a transition, and is no error
comments
repository '[(s["name"], s["state"]) for s in r["statuses"]]'
done_well
