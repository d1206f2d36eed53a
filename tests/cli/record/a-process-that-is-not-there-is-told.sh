# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
sh -c 'exit 0' &
gone=$!
wait $gone
rustscope record --pid $gone 2>err
echo "status $?"
sed "s/$gone/PID/" err
ls
