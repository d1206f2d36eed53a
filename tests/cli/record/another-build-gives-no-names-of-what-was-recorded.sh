# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
compiled app
compiled other -Dslow_part=impostor -DN_STEPS=70000
rustscope record -r 997 --no-symbols -o app.json -- ./app 1000 2>err || echo "status $?"
./app 0 &
target=$!
ends_with_us $target
rustscope record -r 997 --pid $target --continuous --buffer-mb 2 --buffer keep.buffer -o never.json 2>err &
recorder=$!
ends_with_us $recorder
until_true grep -q "are kept in keep.buffer" err
sleep 2.5
kill -KILL $recorder
wait $recorder 2>/dev/null
kill $target
cp app app.kept
status rustscope recover keep.buffer -o right.json 2>err
named right.json
value right.json 'd["sampling_diagnostics"]["n_unnamed"]["other_file"]'
rm app && mv other app
status rustscope view app.json >text
grep -c 'impostor\|slow_part\|quick_part\|mix' text
status rustscope recover keep.buffer -o wrong.json 2>err
named wrong.json
grep -c impostor wrong.json
value wrong.json 'd["sampling_diagnostics"]["n_unnamed"]["other_file"] > 0.8 * len(d["profile"]["samples"]["at_ns"])'
# The right one is found when it is told where.
mkdir builds && mv app.kept builds/app
status rustscope recover --symbols builds keep.buffer -o again.json 2>err
named again.json
complies right.json wrong.json again.json
