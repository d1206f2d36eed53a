# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
status rustscope bench-run -q -n 2 -o run.json -- sh -c 'exit 3'
status rustscope bench-run -q -n 2 --exit-codes 0,3 -o run.json -- sh -c 'exit 3'
