# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
cp "$FIXTURES/history/valid/killed-recording/buffer" buffer
cp buffer before
# the writer holds a lock on its buffer
status flock --exclusive --no-fork buffer rustscope recover buffer
value session.json 'd["warnings"]'
cmp buffer before && echo the buffer is as it was
