# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge ''
github pull_request o/r
server stop
verdict ''
# the words of curl and the figures of the budget vary
post verdict.json --post-timeout 1 | cut -c 1-80
post verdict.json --post-timeout 1 --on-post-error fail | cut -c 1-80
cmp verdict.json "$TMPDIR/event.json" >/dev/null || echo "the verdict is what it was"
