# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
status rustscope bench-run -q -n 2 --launches 1 -o run.json -- echo from the program
status rustscope bench-run -q -n 2 --launches 1 --show-output -o run.json -- echo from the program >shown 2>&1
grep -q 'from the program' shown && echo shown
