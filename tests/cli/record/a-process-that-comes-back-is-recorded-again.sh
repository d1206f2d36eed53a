# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
cp "$BUILD/tests/programs/workers" ./comes-back
./comes-back 1 0 >out &
first=$!
ends_with_us $first
until_true grep -q comes-back "/proc/$first/comm" # it has that name once it is executed
rustscope --continuous --name comes-back --retention-minutes 5 --buffer-mb 2 -o app.json 2>err &
recorder=$!
ends_with_us $recorder
until_true grep -q "^rustscope: recording comes-back (pid $first)" err
sleep 1
kill -KILL $first
until_true grep -q "waiting for another process named comes-back" err
./comes-back 1 0 >out &
second=$!
ends_with_us $second
until_true grep -q "^rustscope: recording comes-back (pid $second)" err
sleep 1.5
kill -TERM $recorder
wait $recorder
echo "status $?"
kill $second
value app.json '[e["kind"] for e in d["timeline_events"] if e["kind"] == "restart"]'
value app.json "sorted({t['process_id'] for t in d['profile']['threads']}) == sorted([$first, $second])"
ls
