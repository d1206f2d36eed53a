# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
old=$FIXTURES/rustscope-0.5/valid/complete/input.json
for system in json github gitlab; do
    status rustscope --compare-baseline "$old" --compare-current "$old" --ci-output $system --compare-output $system.verdict \
        >$system.log 2>$system.err
    cat $system.err
    verdicts $system.verdict
done
cmp json.log json.verdict && echo json prints the verdict file alone
ls
