# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
status rustscope bench-run -q -n 2 -o no-such-folder/run.json -- ./old
