# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2086
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
cat >new <<'END'
#!/bin/sh
sleep 60 &
echo $! >orphan
wait
END
chmod +x new
status collect old new --timeout 200ms
for i in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 "$(cat orphan)" 2>/dev/null || break
    grep -q '^State:.Z' "/proc/$(cat orphan)/status" && break
    sleep 0.1
done
[ $i -lt 10 ] && echo no orphan is left
