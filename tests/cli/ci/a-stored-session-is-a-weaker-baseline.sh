# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
unset GITHUB_ACTIONS GITLAB_CI
worker old 100
worker new 150
rustscope bench-run -q -n 20 --launches 1 --metric work --name job -o base.json -- ./old 2>log
status gate -n 20 --name job --baseline-file base.json --current ./new >log 2>&1
grep -c 'a stored baseline was measured at another time' log
value rustscope-out/verdict.json 'd["gate"]["status"]'
status gate -n 20 --name job --baseline-file base.json --current ./new --allow-unpaired >log 2>&1
value rustscope-out/verdict.json 'd["gate"]["status"]'
