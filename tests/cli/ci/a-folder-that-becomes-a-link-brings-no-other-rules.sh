# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 100
mkdir perf
printf 'version: 1\nthreshold: 10\nmetric: [work]\nbuild: ":"\nbenchmarks:\n  - {name: app, command: ../app}\n' >perf/rustscope.yml
git add perf && git commit -qm 'rules'
base=$(git rev-parse HEAD)
worker app 150
sed -i 's/threshold: 10/threshold: 90/' perf/rustscope.yml
git commit -qam 'slower, and rules that do not see it'
measured_with() {
    status rustscope ci -q --seed 7 --launches 1 --sample-rate 0 --baseline-ref "$1" -c perf/rustscope.yml >../log 2>&1
}
told() {
    verdicts rustscope-out/verdict.json
    value rustscope-out/verdict.json '[(c["kind"], c["before"], c["after"], c["weakens"]) for c in d["policy_changes"]]'
}
echo "-- behind a link in the repository"
git mv perf other && ln -s other perf && git add perf && git commit -qm 'a link'
measured_with "$base"
told
echo "-- behind a link that leads out of it"
mv other ../outside && ln -sfn ../outside perf && git commit -qam 'a link to nowhere'
measured_with "$base"
told
echo "-- a base that has links as well"
mv ../outside other && ln -sfn other perf && git add -A && git commit -qm 'links as before'
sed -i 's/threshold: 90/threshold: 10/' other/rustscope.yml && git commit -qam 'strict again'
measured_with HEAD~1
told
git mv other third && ln -sfn third perf && git commit -qam 'another link'
measured_with HEAD~1
grep -o 'perf/rustscope.yml leads to .*' ../log | sed 's/, and [0-9a-f]*/, and BASE/'
echo "-- a build that the change takes out is one of the base's rules"
git checkout -qf "$base"
sed -i '/^build/d' perf/rustscope.yml && git commit -qam 'no build'
measured_with "$base"
told
