# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
compiled app
rustscope record -r 997 -o app.json -- ./app 500 2>err || echo "status $?"
status rustscope view --html missing/app.html app.json
ls missing 2>/dev/null
if [ -c /dev/full ]; then
    status rustscope view app.json >/dev/full
    status rustscope view --html - app.json >/dev/full
fi
