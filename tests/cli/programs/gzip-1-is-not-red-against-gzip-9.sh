# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
command -v gzip >/dev/null || { echo "gzip is not installed" >&2; exit 77; }
seq 1 60000 >input
status rustscope bench-run -q --baseline 'gzip -9 -c input' --current 'gzip -1 -c input' --launches 1 --metric cpu --name job -o run.json
status rustscope compare --on-inconclusive fail run.json >log 2>&1
