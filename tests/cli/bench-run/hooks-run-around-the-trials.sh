# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
printf '#!/bin/sh\necho trial >>"$PWD/log"\n' >program
chmod +x program
status rustscope bench-run -q -n 3 --launches 1 --warmup 1 -o run.json --setup 'echo setup >>log' \
    --prepare 'echo prepare >>log' --cleanup 'echo cleanup >>log' -- ./program
uniq -c log | sed -n '1p;$p' | tr -s ' '
value run.json 'len(d["benchmarks"][0]["trials"]["arm"])'
[ "$(grep -c prepare log)" -ge 3 ] && echo prepared
status rustscope bench-run -q -n 3 -o run.json --setup 'echo no disk; exit 4' -- ./program
