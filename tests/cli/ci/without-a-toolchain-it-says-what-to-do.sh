# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 100
status gate --baseline-ref HEAD~1 --build 'no-such-cargo build --release' -- ./app 2>log
grep -o 'no-such-cargo' log | head -n 1
grep -o 'actions/setup' log | head -n 1
