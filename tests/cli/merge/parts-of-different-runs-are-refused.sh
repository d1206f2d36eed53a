# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
for i in 1 2; do
    printf 'version: 1\nmetric: work\nbenchmarks:\n  - name: a\n    command: ./old\n  - name: b%d\n    command: ./old\n' $i >$i.yml
    rustscope bench-run -q -c $i.yml -n 2 --allow-undecided --measure-identical --launches 1 --shard $i/2 -o $i.json
done
status rustscope merge -o run.json 1.json 2.json
status rustscope merge -o run.json 1.yml
