# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge ''
github pull_request o/r
verdict 'passes()'
post verdict.json
post verdict.json --comment on-regression
post verdict.json --comment never
asked changes
post verdict.json --comment always
comments
done_well
