# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
changed_repository
cat >rustscope.yml <<'END_OF_CONFIGURATION'
version: 1
metric: cpu
launches: 1
seed: 7
benchmarks:
  - name: one
    baseline: {command: ./old 200}
    current: {command: ./new 200}
  - name: two
    baseline: {command: ./old 250}
    current: {command: ./new 250}
END_OF_CONFIGURATION
for i in 1 2; do
    rustscope bench-run -q -n 14 --allow-undecided --sample-rate 997 --blame-samples 0 -c rustscope.yml --shard $i/2 -o shard-$i.json || echo "status $?"
done
need_trial_samples shard-1.json
status rustscope merge -o run.json shard-1.json shard-2.json
complies shard-1.json shard-2.json run.json
# Each function once, with the time of both.
look='{n: sum(f["self_ns"] for f in d["functions"] if f["name"] == n) for n in ("parse", "render")}'
for file in shard-1 shard-2 run; do value $file.json "$look" >$file.times; done
/usr/bin/python3 - <<'END_OF_LOOK'
one, two, both = (eval(open(name + ".times").read()) for name in ("shard-1", "shard-2", "run"))
print(sorted(both), all(abs(one[name] + two[name] - both[name]) < 1e-6 * both[name] for name in both))
END_OF_LOOK
status rustscope compare run.json -o verdict.json >log 2>&1
value verdict.json 'sorted({b["benchmark"]: b["function"] for b in reversed(d["blame"])}.items())'
rustscope view -b two run.json | grep -o ' parse$' | head -n 1
verdict_complies verdict.json
