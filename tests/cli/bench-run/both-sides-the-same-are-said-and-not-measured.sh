# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
status rustscope bench-run --baseline ./old --current ./old --metric work --name job --seed 7 -o run.json
value run.json '[len(d["benchmarks"]), d["benchmarks"][0]["stop_reason"]]'
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
