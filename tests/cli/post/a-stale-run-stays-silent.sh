# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge 'c["head"] = "'$NEXT_SHA'"'
github pull_request o/r
verdict ''
post verdict.json
comments
asked changes
done_well
