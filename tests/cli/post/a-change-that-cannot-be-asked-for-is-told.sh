# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
# Which change the result of a fork is of only the server knows.
forge 's["faults"] = [{"request": "GET */commits/*/pulls", "times": 99, "preset": "forbidden"}]'
github workflow_run you/r
verdict ''
post verdict.json
post verdict.json --on-post-error fail
comments
done_well
