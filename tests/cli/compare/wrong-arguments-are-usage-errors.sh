# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
status rustscope compare
status rustscope compare a b c
status rustscope compare --format pdf a
status rustscope compare --ci-output jenkins a
status rustscope compare --treshold 5 a
status rustscope --compare-baseline a
status rustscope comapre a
