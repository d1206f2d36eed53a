# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
# shellcheck source=tests/cli/hostile.sh
. "$CASE_DIR/../hostile.sh"
hostile program 0
echo "without a runner the log is what the program prints:"
status rustscope bench-run -q -n 1 --launches 1 --warmup 0 --show-output -o run.json -- ./program 2>plain.log
commands plain.log | cut -d'|' -f1 | sort -u
echo "on a runner:"
export GITHUB_ACTIONS=true
status rustscope bench-run -q -n 1 --launches 1 --warmup 0 --show-output -o run2.json -- ./program 2>log
commands log
grep -q "taken in a line" log && echo it was shown
