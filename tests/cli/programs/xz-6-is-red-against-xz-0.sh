# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
command -v xz >/dev/null || { echo "xz is not installed" >&2; exit 77; }
seq 1 40000 >input
status rustscope bench-run -q --baseline 'xz -0 -T1 -c input' --current 'xz -6 -T1 -c input' --launches 1 --metric cpu --name job -o run.json
status rustscope compare run.json -o verdict.json >log 2>&1
verdicts verdict.json | grep -q regression && echo red
