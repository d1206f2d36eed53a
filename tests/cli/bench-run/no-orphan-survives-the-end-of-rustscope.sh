# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
printf '#!/bin/sh\nsleep 60 &\necho $! >inner\necho $$ >outer\nwait\n' >program
chmod +x program
# gone PID: it ends within some seconds (a zombie has ended).
gone() {
    for _ in $(seq 50); do
        kill -0 "$1" 2>/dev/null || return 0
        grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null && return 0
        sleep 0.1
    done
    return 1
}
for signal in TERM KILL; do
    rm -f outer run.json*
    rustscope bench-run -q -n 3 -o run.json -- ./program 2>/dev/null &
    while [ ! -s outer ]; do sleep 0.02; done
    kill -$signal $!
    wait $! 2>/dev/null
    echo "$signal: status $?"
    gone "$(cat outer)" && echo program gone
    gone "$(cat inner)" && echo its child gone
done
