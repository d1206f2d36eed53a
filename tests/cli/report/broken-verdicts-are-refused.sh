# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
for kind in a-session truncated newer-major no-gate unknown-verdict; do
    status rustscope report --format html -o report.html "$FIXTURES/verdict/invalid/$kind/input.json"
done
status rustscope report no-such-file.json
[ ! -e report.html ] && echo nothing was written
