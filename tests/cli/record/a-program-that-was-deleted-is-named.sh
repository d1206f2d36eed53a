# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
compiled app
./app 0 &
target=$!
ends_with_us $target
rustscope record -r 997 --pid $target --duration 1 -o app.json 2>err &
recorder=$!
ends_with_us $recorder
until_true grep -q recording err
rm app
status wait $recorder
kill $target
named app.json
value app.json 'd["sampling_diagnostics"]["n_unnamed"]["no_file"]'
# One that was gone before.
compiled app
./app 0 &
target=$!
ends_with_us $target
rm app
status rustscope record -r 997 --pid $target --duration 1 -o app.json 2>err
kill $target
named app.json
