# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 100
echo 'echo "error: no such field" && exit 1' >build.sh
git add build.sh && git commit -qm 'a build that fails'
status gate --baseline-ref HEAD~2 --baseline-build : --current-build 'sh build.sh' -- ./app >log 2>&1
grep -c 'error: no such field' log
verdicts rustscope-out/verdict.json
