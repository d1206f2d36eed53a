# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# For scripts that claim, sourced with `work` set to a folder of theirs; failed is 1 once a claim was wrong.
#   claim NAME COMMAND...        "ok NAME", or "not ok NAME" with what COMMAND, run in this shell, printed last
#   result STATUS NAME [LOG]     the same of what was done already and said in LOG ($work/log)
# shellcheck disable=SC2154,SC2034 # work; failed
failed=0
result() {
    if [ "$1" = 0 ]; then echo "ok $2"; else
        failed=1
        echo "not ok $2"
        tail -n 40 "${3:-$work/log}" | sed 's/^/    |/'
    fi
}
claim() {
    local claimed=$1 # a name that no command of ours has
    shift
    "$@" >"$work/claim" 2>&1
    result $? "$claimed" "$work/claim"
}
