# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
cp "$BUILD/tests/programs/workers" ./a-rare-name
./a-rare-name 1 0 >out &
target=$!
ends_with_us $target
until_true grep -q a-rare-name "/proc/$target/comm" # it has that name once it is executed
rustscope record --name a-rare-name -o app.json 2>err &
recorder=$!
ends_with_us $recorder
until_true grep -q "^rustscope: recording" err
sleep 0.5
kill -KILL $target
wait $recorder
echo "status $?"
value app.json 'd["process_summary"]["name"], d["process_summary"]["process_id"] == '$target
grep -o 'a-rare-name ended' err
status rustscope record --name a-rare-name -o none.json
ls
