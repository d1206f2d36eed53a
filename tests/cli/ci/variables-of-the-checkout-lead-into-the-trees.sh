# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 100
printf '#!/bin/sh\nexec "$CI_PROJECT_DIR/app"\n' >by-variable
printf '#!/bin/sh\necho "${CARGO_TARGET_DIR#"$PWD"}" >"$TEST_SEEN"\nexec ./app\n' >shows-target
chmod +x by-variable shows-target
git add . && git commit -qm 'programs that go by a variable'
sed -i 's/work 100/work 150/' app
git commit -qam 'slower'
status env CI_PROJECT_DIR="$(pwd -P)" sh -c 'rustscope ci -q --build true --metric work --launches 1 --sample-rate 0 \
    --baseline-ref HEAD~1 -- ./by-variable' >log 2>&1
verdicts rustscope-out/verdict.json
status env CARGO_TARGET_DIR=/elsewhere TEST_SEEN="$PWD/seen" sh -c 'rustscope ci -q --build true --metric work \
    --launches 1 --sample-rate 0 --baseline-ref HEAD~1 -- ./shows-target' >log 2>&1
cat seen
