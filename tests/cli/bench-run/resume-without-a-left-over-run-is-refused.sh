# SPDX-License-Identifier: GPL-3.0-or-later
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 130
status collect old new --resume
