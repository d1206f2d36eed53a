# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler

has_begun() {
    case $(readlink "/proc/$target/exe") in */app) ;; *) return 1 ;; esac
}

compiled app
./app 0 &
target=$!
ends_with_us $target
until_true has_begun
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
until_true has_begun
rm app
status rustscope record -r 997 --pid $target --duration 1 -o app.json 2>err
kill $target
named app.json
