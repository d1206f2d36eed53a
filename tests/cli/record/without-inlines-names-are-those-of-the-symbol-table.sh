# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
compiled app
status rustscope record -r 997 --no-inlines -o app.json -- ./app 1000 2>said
named app.json
value app.json '{(f["line"], f["file"], f["inline"]) for f in d["functions"]}'
complies app.json
