# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge ''
github pull_request o/r
verdict ''
export GITHUB_STEP_SUMMARY=/nowhere/summary.md GITHUB_OUTPUT="$PWD/output.txt"
status rustscope ci --mode post --results verdict.json -o out >out.txt 2>err.txt
of_url <err.txt
grep -c '^✗ parse' out.txt
comments
grep '^exit-code' output.txt
echo "-- what others wait for is another matter"
export GITHUB_STEP_SUMMARY="$PWD/summary.md" GITHUB_OUTPUT=/nowhere/output.txt
status rustscope ci --mode post --results verdict.json -o out >out.txt 2>err.txt
of_url <err.txt
done_well
