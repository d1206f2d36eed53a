# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 150
status gate --baseline-ref HEAD~1 --working-directory "$PWD" --build true -- ./app 2>&1
mkdir -p below
cd below || exit 1
status gate --baseline-ref HEAD~1 --build true -- ./app 2>log >/dev/null
grep 'top of the repository' log
