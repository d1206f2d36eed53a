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
  - {name: one, baseline: ./app, current: ./app}
  - {name: two, baseline: ./app, current: ./app}
END
}
config 10
git add rustscope.yml && git commit -qm 'rules'
config 60
git commit -qam 'rules that see less'
for shard in 1 2; do
    status rustscope ci -q --mode measure --seed 7 --launches 1 --sample-rate 0 --baseline-ref HEAD~1 --shard $shard/2 \
        --output-dir "out/$shard" >log 2>&1
done
rustscope merge -o session.json out/*/session.json 2>log
complies session.json
status rustscope compare session.json -o verdict.json >log 2>&1
verdicts verdict.json
value verdict.json '[(c["kind"], c["weakens"]) for c in d["policy_changes"]], d["change_head"] == "'"$(git rev-parse HEAD)"'"'
