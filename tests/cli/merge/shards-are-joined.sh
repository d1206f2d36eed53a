# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
matrix
for i in 1 2 3; do
    rustscope bench-run -q -c rustscope.yml --shard $i/3 -o shard-$i.json
done
status rustscope merge -o run.json shard-1.json shard-2.json shard-3.json
value run.json 'sorted(b["name"] for b in d["benchmarks"])'
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json | sort
