# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 100
collect old new -n 2 --allow-undecided --sample-rate 0 2>err || cat err
status rustscope view run.json
status rustscope view --benchmark job run.json
status rustscope view --benchmark another run.json
status rustscope view --html page.html run.json
ls page.html 2>/dev/null
status rustscope record -q --sampler none -o none.json -- true 2>err
status rustscope view none.json
status rustscope view missing.json
echo '{"format": "something else"}' >other.json
status rustscope view other.json
echo nothing >text
status rustscope view text
status rustscope view "$FIXTURES/verdict/valid/blame/input.json"
status rustscope view
status rustscope view run.json run.json
status rustscope view --min 100 run.json
status rustscope view --min -1 run.json
status rustscope view --min some run.json
status rustscope view --rows none run.json
