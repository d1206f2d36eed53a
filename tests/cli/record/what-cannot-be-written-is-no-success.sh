# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
status rustscope record --sample-rate 0 -o /dev/full -- true 2>err
tail -n 1 err
status rustscope record --sample-rate 0 -o no/such/folder/app.json -- true 2>err
tail -n 1 err
status rustscope record -q --continuous --buffer no/such/folder/file --sample-rate 0 -- true
ls
