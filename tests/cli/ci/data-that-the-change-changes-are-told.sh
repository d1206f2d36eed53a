# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016 # for the shell of the build
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
# A program whose work is what its input says.
revisions 100
printf '#!/bin/sh\necho "work $(cat "${1#--in=}") count lower" >"$RUSTSCOPE_METRICS"\n' >app
mkdir data
echo 100 >data/big.txt
echo 100 >data/same.txt
git add . && git commit -qm 'an input'
echo 50 >data/big.txt
git commit -qam 'a smaller input'
told() { value rustscope-out/verdict.json '[w for w in d["warnings"] if "given" in w]'; }
status gate --baseline-ref HEAD~1 -- ./app data/big.txt >log 2>&1
told
status gate --baseline-ref HEAD~1 -- ./app --in=data/big.txt >log 2>&1
told
status gate --baseline-ref HEAD~1 -- ./app data/same.txt data >log 2>&1
told
status gate --baseline-ref HEAD~1 -- ./app data/same.txt >log 2>&1
told
# One input for both sides, made anew by each build.
MADE=$(cd .. && pwd)/made.txt
export MADE
status gate --baseline-ref HEAD~1 --build 'cp data/big.txt "$MADE"' -- ./app "$MADE" >log 2>&1
told | grep -o 'which it is given.*'
