# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
compiled app
./app 0 &
target=$!
ends_with_us $target
rustscope record -r 997 --pid $target --continuous --buffer-mb 2 -o app.json 2>err &
recorder=$!
ends_with_us $recorder
until_true grep -q "are kept in" err
for number in 1 2 3; do
    sleep 0.7
    kill -USR1 $recorder
    until_true test -e app-00000$number.json
    until_true grep -q app-00000$number.json err
done
kill -TERM $recorder
wait $recorder
kill $target
for number in 1 2 3; do
    named app-00000$number.json
    value app-00000$number.json 'd["sampling_diagnostics"]["n_symbolized_samples"] > 0.9 * len(d["profile"]["samples"]["at_ns"])'
done
complies app-000001.json app-000002.json app-000003.json
