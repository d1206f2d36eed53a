# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2094
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
for shell in bash zsh fish; do
    status rustscope help --format $shell >$shell
    grep -q allow-unpaired $shell && echo "$shell knows the options"
    case $shell in fish) option=--no-execute ;; *) option=-n ;; esac
    ! command -v $shell >/dev/null || $shell $option $shell || echo "$shell does not parse its completion"
done
