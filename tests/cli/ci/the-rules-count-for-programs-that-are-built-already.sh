# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
revisions 100
cat >rustscope.yml <<END
version: 1
metric: [work]
benchmarks:
  - {name: app, baseline: ./app, current: ./app, stdin: input}
END
echo some >input
git add . && git commit -qm 'rules, and nothing to build'
base=$(git rev-parse HEAD)
git commit -q --allow-empty -m 'nothing'
ci() { status rustscope ci -q --seed 7 --launches 1 --sample-rate 0 --measure-identical --baseline-ref HEAD~1 >log 2>&1; }
# Folders and files of the same configuration are the same, wherever it was read; a revision is recorded by its full name.
ci
value rustscope-out/verdict.json 'd["gate"]["status"], d["policy_changes"], d["revisions"]["baseline"]["revision"] == "'"$base"'"'
sed -i '/metric/a threshold: 30' rustscope.yml
git commit -qam 'a rule that sees less'
ci
value rustscope-out/verdict.json 'd["gate"]["status"], [c["kind"] for c in d["policy_changes"]]'
