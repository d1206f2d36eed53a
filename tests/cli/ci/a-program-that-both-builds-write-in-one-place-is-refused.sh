# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016 # for the shell of the build
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 200
mkdir ../out
OUT=$(cd ../out && pwd)
export OUT
refused() { grep -o 'both revisions would run.*itself' log; }
echo "-- the change's build has replaced the base's"
status gate --baseline-ref HEAD~1 --build 'cp -p app "$OUT/app"' -- "$OUT/app" >log 2>&1
refused
status gate --baseline-ref HEAD~1 --build 'cp app "$OUT/app"; ln -s "$OUT" bin' -- bin/app >log 2>&1
refused
status gate --baseline-ref HEAD~1 --build 'cp app "$OUT/app"' -- sh "$OUT/app" >log 2>&1
refused
PATH=$OUT:$PATH status gate --baseline-ref HEAD~1 --build 'cp app "$OUT/app"' -- app >log 2>&1
refused
echo "-- what lies in the checkout is of one revision"
status gate --baseline-ref HEAD~1 -- "$PWD/app" >log 2>&1
refused
echo "-- each its own, there or here, is measured"
status gate --baseline-ref HEAD~1 --build 'd=$OUT/$(git rev-parse HEAD); mkdir $d; cp app $d; ln -s $d bin' -- bin/app >log 2>&1
verdicts rustscope-out/verdict.json
status gate --baseline-ref HEAD~1 --build 'ln -s "$PWD/app" abs' -- ./abs >log 2>&1
verdicts rustscope-out/verdict.json
status gate --baseline-ref HEAD~1 --build 'cp app "$OUT/app"' --prepare 'cp app "$OUT/app"' -- "$OUT/app" >log 2>&1
verdicts rustscope-out/verdict.json
status gate --baseline-ref HEAD~1 -- sh app >log 2>&1
verdicts rustscope-out/verdict.json
