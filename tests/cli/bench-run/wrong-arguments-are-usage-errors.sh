# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
status rustscope bench-run
status rustscope bench-run --baseline ./old
status rustscope bench-run --baseline ./old --current ./old -- ./old
status rustscope bench-run ./old
status rustscope bench-run --
status rustscope bench-run --baselin ./old
status rustscope bench-run --baseline "./old 'x" --current ./old
status rustscope bench-run --timeout soon -- ./old
status rustscope bench-run --env NOVALUE -- ./old
status rustscope bench-run --exit-codes 0,x -- ./old
status rustscope bench-run --fail-on fatal -- ./old
status rustscope bench-run --trials -3 -- ./old
status rustscope bench-run -c no-such.yml
ls
