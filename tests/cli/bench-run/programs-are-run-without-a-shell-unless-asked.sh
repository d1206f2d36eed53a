# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
printf '#!/bin/sh\nprintf "%%s\\n" "$*" >"$PWD/seen"\n' >program
chmod +x program
status rustscope bench-run -q -n 2 -o run.json -- ./program '$HOME' 'a;b' '*'
cat seen
status rustscope bench-run -q --measure-identical --trials 2 --allow-undecided --baseline './program "x  y" $LC_ALL' \
    --current './program "x  y" $LC_ALL' -o run.json
cat seen
status rustscope bench-run -q -n 2 --shell -o run.json -- './program $LC_ALL && echo second >>seen'
cat seen
