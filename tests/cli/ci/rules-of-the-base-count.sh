# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 100
config() {
    cat >rustscope.yml <<END
version: 1
threshold: $1
metric: [work]
build: ":"
benchmarks:
  - name: app
    baseline: ./app
    current: ./app
END
}
config 10
git add rustscope.yml && git commit -qm 'rules'
config 60
worker app 150
git commit -qam 'slower, and rules that do not see it'
status rustscope ci -q --seed 7 --launches 1 --sample-rate 0 --baseline-ref HEAD~1 >log 2>&1
verdicts rustscope-out/verdict.json
value rustscope-out/verdict.json '[(c["kind"], c["before"], c["after"], c["weakens"]) for c in d["policy_changes"]]'
# Without the slowdown the looser rules alone need acceptance.
worker app 100
git commit -qam 'as fast as ever'
status rustscope ci -q --seed 7 --launches 1 --sample-rate 0 --baseline-ref HEAD~2 >log 2>&1
verdicts rustscope-out/verdict.json
# Stricter rules do not.
config 5
git commit -qam 'stricter'
status rustscope ci -q --seed 7 --launches 1 --sample-rate 0 --baseline-ref HEAD~3 >log 2>&1
verdicts rustscope-out/verdict.json
