# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
cat >job <<END
#!/bin/sh
echo "work \$1 count lower" >"\$RUSTSCOPE_METRICS"
END
chmod +x job
cat >rustscope.yml <<END
version: 1
metric: work
launches: 1
seed: 7
benchmarks:
  - name: parse-{size}
    tags: [quick]
    matrix: {size: [small, large]}
    baseline: {command: ./job 100}
    current: {command: './job 100 {size}'}
  - name: sort
    tags: [slow]
    baseline: {command: ./job 100}
    current: {command: ./job 130}
END
names() { value "$1" '[b["name"] for b in d["benchmarks"]]'; }
status rustscope bench-run -q -c rustscope.yml -o all.json
names all.json
status rustscope bench-run -q -c rustscope.yml -o filtered.json --filter 'parse-*'
names filtered.json
status rustscope bench-run -q -c rustscope.yml -o tagged.json --tag slow
names tagged.json
status rustscope bench-run -q -c rustscope.yml -o none.json --filter nothing
value filtered.json '"family of " + str(d["gate"]["n_family"])'
status rustscope compare all.json -o verdict.json >log
verdicts verdict.json
