# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
for kind in another-format truncated newer-major not-json empty a-verdict; do
    status rustscope compare "$FIXTURES/session/invalid/$kind/input.json"
done
status rustscope compare no-such-file.json
