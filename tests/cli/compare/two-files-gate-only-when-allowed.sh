# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 130
for arm in old new; do
    rustscope bench-run -q -n 6 --metric work --name job --launches 1 -o $arm.json -- ./$arm
done
status rustscope compare old.json new.json -o verdict.json >log
verdicts verdict.json
status rustscope compare --allow-unpaired old.json new.json -o verdict.json >log
verdicts verdict.json
status rustscope --compare-baseline old.json --compare-current new.json --compare-output verdict.json >log
verdicts verdict.json
