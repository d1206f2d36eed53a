# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
# Writing into a pipe that nobody reads takes for ever.
mkfifo pipe
with_interrupts rustscope record --pid $$ --sample-rate 0 -o pipe 2>err &
recorder=$!
ends_with_us $recorder
until_true grep -q "^rustscope: recording" err
kill -INT $recorder
sleep 1
kill -0 $recorder && echo it still writes
kill -INT $recorder
wait $recorder
echo "status $?"
