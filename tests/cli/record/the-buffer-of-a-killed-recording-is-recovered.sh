# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
"$BUILD/tests/programs/workers" 1 0 >out &
target=$!
ends_with_us $target
rustscope record --pid $target --continuous --buffer-mb 2 --buffer keep.buffer -o app.json 2>err &
recorder=$!
ends_with_us $recorder
until_true grep -q "are kept in keep.buffer" err
sleep 2.5
kill -KILL $recorder
wait $recorder 2>/dev/null
kill $target
[ ! -e app.json ] && echo nothing was written
status rustscope recover keep.buffer -o saved.json 2>said
value saved.json 'len(d["profile"]["samples"]["at_ns"]) > 10, len(d["process_samples"]) >= 1'
complies saved.json
