# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 130
order() { value run.json 'd["benchmarks"][0]["trials"]["arm"]'; }
collect old new --trials 12 && order >one
collect old new --trials 12 && order >two
collect old new --trials 12 --seed 8 && order >three
cmp one two && echo repeated
cmp -s one three || echo another seed, another order
value run.json 'd["seed"]'
