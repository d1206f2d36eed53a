# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
unset GITHUB_ACTIONS GITLAB_CI
worker old 100
worker new 150
# The runner keeps the hyphen of INPUT_FAIL-ON; a shell could not set it.
status env RUSTSCOPE_BASELINE=./old RUSTSCOPE_CURRENT=./new RUSTSCOPE_FAIL_ON=none rustscope ci -q --metric work --launches 1 \
    --sample-rate 0 >log 2>&1
status env GITHUB_ACTIONS=true INPUT_BASELINE=./old INPUT_CURRENT=./new INPUT_FAIL-ON=none INPUT_THRESHOLD= rustscope ci -q \
    --metric work --launches 1 --sample-rate 0 >log 2>&1
# The command line counts more than a variable, ours more than the runner's.
status env GITHUB_ACTIONS=true INPUT_BASELINE=./old INPUT_CURRENT=./old RUSTSCOPE_CURRENT=./new INPUT_FAIL-ON=none \
    rustscope ci -q --fail-on any --metric work --launches 1 --sample-rate 0 >log 2>&1
# Misspelt, and lost on the way.
status env RUSTSCOPE_TRESHOLD=5 rustscope ci 2>&1
status env GITHUB_ACTIONS=true INPUT_BASELINE=./old INPUT_CURRENT=./new INPUT_TRESHOLD=5 INPUT_FAIL-ON=any rustscope ci -q \
    --metric work --launches 1 --sample-rate 0 2>&1 >log | grep -o 'INPUT_TRESHOLD is no input.*'
status env GITHUB_ACTIONS=true INPUT_BASELINE=./old INPUT_CURRENT=./new rustscope ci 2>&1
status env RUSTSCOPE_THREAD=maybe rustscope ci 2>&1
