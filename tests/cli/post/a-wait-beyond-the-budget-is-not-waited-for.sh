# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge 's["faults"] = [{"request": "POST */issues/7/comments", "status": 429, "headers": {"Retry-After": "600"},
    "body": {"message": "API rate limit exceeded"}, "times": 9}]'
github pull_request o/r
verdict ''
post verdict.json --post-timeout 10 | sed 's/ and [0-9]* s are left/ and N s are left/'
comments
done_well
