# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge ''
github pull_request o/r
verdict ''
post verdict.json
comments
post verdict.json
GITHUB_RUN_NUMBER=6
verdict 'v["gate"]["status"] = "undecided"; v["side_by_side"] = False'
post verdict.json
comments
verdict 'passes()'
post verdict.json
comments
asked changes
done_well
