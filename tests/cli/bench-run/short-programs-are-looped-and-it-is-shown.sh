# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
rustscope bench-run -q -n 2 -o run.json -- true
value run.json 'd["benchmarks"][0]["launches_per_trial"] > 1'
rustscope bench-run -q -n 2 --launches 3 -o run.json -- true
value run.json 'd["benchmarks"][0]["launches_per_trial"]'
rustscope bench-run -q -n 2 -o run.json -- sleep 0.05
value run.json 'd["benchmarks"][0]["launches_per_trial"]'
