# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge ''
github pull_request o/r
verdict ''
post verdict.json --comment-key one
post verdict.json --comment-key two --run-url https://ci.example/run/5 --accept-label ''
post verdict.json --comment-key three --accept-label '**fine** @all' --accept-file perf/accepted.txt
# The label is text in a code span, whatever it is.
for n in 0 1 2; do
    repository "[(w, w in r['changes']['7']['comments'][$n]['body']) for w in ('https://github.example/o/r/actions/runs/99', 'https://ci.example/run/5', 'add the label', 'rustscope:accept', '\`**fine** @all\`', 'perf/accepted.txt')]"
done
done_well
