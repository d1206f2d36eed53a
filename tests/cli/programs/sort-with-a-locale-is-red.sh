# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
command -v sort >/dev/null || { echo "sort is not installed" >&2; exit 77; }
locale -a | grep -qi "^en_US.utf-\{0,1\}8" || { echo "the locale en_US.UTF-8 is not installed" >&2; exit 77; }
awk 'BEGIN { srand(7); for (i = 0; i < 60000; i++) { w = ""; for (j = 0; j < 8; j++) w = w sprintf("%c", 97 + int(26 * rand())); print w } }' >input
status rustscope bench-run -q --baseline 'env LC_ALL=C sort --parallel=1 input' --current 'env LC_ALL=en_US.UTF-8 sort --parallel=1 input' --launches 1 --metric cpu --name job -o run.json
status rustscope compare run.json -o verdict.json >log 2>&1
verdicts verdict.json | grep -q regression && echo red
