# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
status rustscope help --format man >rustscope.1
head -n 1 rustscope.1 | cut -d ' ' -f 1,2,3
command -v groff >/dev/null || { echo "groff is not installed" >&2; exit 77; }
groff -man -Tutf8 -ww rustscope.1 2>&1 >/dev/null | grep -v "cannot adjust line\|can't break line"
grep -q '^.SH EXIT STATUS' rustscope.1 && echo exit statuses are told
