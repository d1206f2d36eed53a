# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 150
status gate --baseline-ref HEAD~1 -- ./app >log 2>&1
verdicts rustscope-out/verdict.json
verdict_complies rustscope-out/verdict.json
value rustscope-out/verdict.json '[d["revisions"][arm]["revision"] for arm in ("baseline", "current")] == "'"$(git rev-parse HEAD~1) $(git rev-parse HEAD)"'".split()'
grep -c '<html' rustscope-out/report.html
grep -o 'gate failed' rustscope-out/comment.md | head -n 1
# The checkout is as it was, and git knows of no other tree.
git status --porcelain --untracked-files=no
git worktree list | wc -l
