# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge 's["tokens"]["'$TOKEN'"] = {"user": "project_42_bot", "may": ["read", "user", "comment", "thread"]}'
gitlab
verdict ''
post verdict.json --thread
comments
verdict 'passes()'
CI_JOB_ID=78
post verdict.json --thread
comments
asked changes
done_well
