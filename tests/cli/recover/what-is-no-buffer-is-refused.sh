# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
buffer=$FIXTURES/history/valid/killed-recording/buffer
status rustscope recover
status rustscope recover "$buffer" "$buffer"
status rustscope recover --last 0 "$buffer"
status rustscope recover --last soon "$buffer"
status rustscope recover no-such-file
status rustscope recover .
: >empty
status rustscope recover empty
echo '{"format": "rustscope-session"}' >text
status rustscope recover text
cp "$buffer" short && truncate -s 8192 short
status rustscope recover short
cp "$buffer" later
printf '\002' | dd of=later bs=1 seek=8 conv=notrunc 2>/dev/null
printf '\002' | dd of=later bs=1 seek=2056 conv=notrunc 2>/dev/null
status rustscope recover later
status rustscope recover -o no-such-directory/session.json "$buffer"
[ ! -e session.json ] && echo nothing was written
