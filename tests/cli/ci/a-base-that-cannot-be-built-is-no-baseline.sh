# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 100
cat >build.sh <<'END'
echo "the old toolchain is gone"; exit 7
END
git add build.sh && git commit -qm 'a build that fails'
echo 'echo built >made' >build.sh
git commit -qam 'a build that does not'
status gate --baseline-ref HEAD~1 --build 'sh build.sh' -- ./app >log 2>&1
grep -c 'the old toolchain is gone' log
status gate --baseline-ref HEAD~1 --build 'sh build.sh' --on-missing-baseline fail -- ./app >log 2>&1
verdicts rustscope-out/verdict.json
