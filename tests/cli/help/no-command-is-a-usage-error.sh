# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
status rustscope >overview.txt
rustscope --help | cmp - overview.txt && echo the overview
status rustscope frobnicate
status rustscope help frobnicate
status rustscope help --format pdf
