# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
printf '#!/bin/sh\nwc -c >"$PWD/seen"\n' >program
chmod +x program
echo 0123456789 >input
status rustscope bench-run -q -n 2 -o run.json -- ./program
cat seen
status rustscope bench-run -q -n 2 --stdin input -o run.json -- ./program
cat seen
status rustscope bench-run -q -n 2 --stdin no-such-file -o run.json -- ./program
