# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
for arm in base current; do
    rustscope bench-run -q -n 2 --allow-undecided --metric work --name job --launches 1 -o $arm.json -- ./old
done
status rustscope compare base.json current.json -o verdict.json >log
verdicts verdict.json
status rustscope compare --on-incomparable fail base.json current.json >log
