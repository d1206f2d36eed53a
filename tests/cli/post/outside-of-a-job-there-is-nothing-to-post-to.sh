# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
verdict ''
URL=none
post verdict.json
post verdict.json --on-post-error fail --commit-status
post verdict.json --dry-run
