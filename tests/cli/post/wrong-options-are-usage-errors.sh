# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
verdict ''
URL=none
status rustscope report verdict.json --comment never
status rustscope report verdict.json --dry-run
post verdict.json --comment sometimes
post verdict.json --comment-key 'two words'
post verdict.json --comment-key 'a--b'
post verdict.json --check-name ''
post verdict.json --accept-label 'one,two'
post verdict.json --accept-file ../secret
post verdict.json --accept-file /etc/passwd
post verdict.json --pr-number 0
post verdict.json --post-timeout 0
post verdict.json --token-variable "$TOKEN"
post verdict.json --token-variable ghp_0123456789abcdefghijABCDEFGHIJ012345
post verdict.json --on-post-error maybe
