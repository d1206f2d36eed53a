# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 130
status collect old new --max-pairs 3
status collect old new --trials 3
status collect old new --max-time 1ms --warmup 1 2>err
sed "s/of [0-9.]* s can/of ... can/; s/about [^;]*/about .../" err
[ ! -e run.json ] && echo nothing was written
