# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 130
collect old new
status rustscope compare --ci-output gitlab --output-dir out/deep run.json >log
ls out/deep
value out/deep/gl-code-quality-report.json 'd[0]["severity"]'
grep -c '<failure' out/deep/junit.xml
tail -n 1 out/deep/metrics.txt
