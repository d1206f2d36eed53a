# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
matrix
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
