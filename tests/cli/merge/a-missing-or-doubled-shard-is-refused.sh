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
for i in 1 2; do
    rustscope bench-run -q -c rustscope.yml --shard $i/2 -o shard-$i.json
done
status rustscope merge -o run.json shard-1.json
status rustscope merge -o run.json shard-1.json shard-1.json shard-2.json
status rustscope merge -o run.json shard-1.json no-such-file.json
status rustscope merge
status rustscope bench-run -q -c rustscope.yml --shard 3/2
status rustscope bench-run -q -c rustscope.yml --shard two
[ ! -e run.json ] && echo nothing was written
