# SPDX-License-Identifier: GPL-3.0-or-later
. "$CASE_DIR/../lib.sh"
status rustscope selftest -q --fail-on none
