# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
echo text >plain
status rustscope record -- ./no-such
status rustscope record -- no-such-command-anywhere
status rustscope record -- ./plain
ls
