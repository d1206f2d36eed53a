# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
status rustscope doctor me
status rustscope doctor -- true
status rustscope doctor --jsn
