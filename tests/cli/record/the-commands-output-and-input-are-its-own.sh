# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
# shellcheck disable=SC2016 # for the command
echo "a line" | rustscope record -q -o app.json -- sh -c 'read x; echo "got $x"; echo "and complains" >&2'
ls
