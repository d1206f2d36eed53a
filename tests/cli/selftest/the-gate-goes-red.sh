# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
status rustscope selftest -q --threshold 20 --slowdown 100 --max-pairs 60 >log
[ "$(grep -c "^ok: " log)" = 2 ] || cat log
