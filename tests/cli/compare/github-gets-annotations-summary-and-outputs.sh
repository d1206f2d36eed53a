# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 130
collect old new
echo before >summary
GITHUB_STEP_SUMMARY=$PWD/summary GITHUB_OUTPUT=$PWD/outputs status rustscope compare --ci-output github run.json >log
cut -d, -f1 log
head -n 1 summary
grep -c regression summary | grep -qv '^0' && echo the summary tells the regression
sed 's/rustscope_.*/DELIMITER/; s/^perf$\|^ptrace$\|^none$/SAMPLER/' outputs
