# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge 'c["state"] = "merged"'
github pull_request o/r
verdict ''
post verdict.json
asked changes
done_well
