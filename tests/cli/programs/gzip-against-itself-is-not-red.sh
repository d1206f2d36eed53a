# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
seq 1 60000 >input
status rustscope bench-run -q --measure-identical --trials 20 --baseline 'gzip -6 -c input' --current 'gzip -6 -c input' \
    --launches 1 --name gzip -o run.json
status rustscope compare run.json >log 2>&1
