# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
status collect old no-such-program
status rustscope bench-run -q --baseline no-such-program --current ./old --name job -o other.json
status rustscope bench-run -q -o single.json -- no-such-program
