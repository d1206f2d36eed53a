# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 150
git config uploadpack.allowFilter true
git clone -q --filter=blob:none "file://$PWD" ../partial
cd ../partial || exit 1
status gate --baseline-ref HEAD~1 --build true -- ./app >log 2>&1
grep -o 'git fetch --refetch --no-filter' log
# What it says helps.
git fetch -q --refetch --no-filter origin
status gate --baseline-ref HEAD~1 --build true -- ./app >log 2>&1
verdicts rustscope-out/verdict.json
