# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
compiled old
compiled new -DN_STEPS=150000
cat >rustscope.yml <<'END_OF_MATRIX'
END_OF_MATRIX
status rustscope bench-run -q -n 6 --allow-undecided --seed 7 --launches 2 --name work --baseline ./old 300 --current ./new 300 -o run.json
status rustscope view run.json >text
