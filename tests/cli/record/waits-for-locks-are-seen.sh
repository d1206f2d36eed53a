# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
mkfifo orders
"$BUILD/tests/programs/waiters" <orders >said &
target=$!
ends_with_us $target
exec 4>orders
until_true grep -q ready said
rustscope record --pid $target --sampler none --duration 2 -o app.json 2>err || echo "status $?"
exec 4>&-
wait $target
! grep -q "waits for locks were not seen" app.json || { echo "threads may not be looked at here" >&2; exit 77; }
lock=$(sed -n 's/^lock static \(0x\)\{0,1\}//p' said | head -n 1)
[ -n "$lock" ] || echo "the program does not say its lock"
value app.json 'sorted((l["n_max_waiters"] >= 1, l["wait_ns"] > 1e9) for l in d["locks"] if int(str(l["address"]), 0) == 0x'"$lock"')'
value app.json 'len(d["locks"]) > 0 and all(l["process_id"] == '$target' for l in d["locks"])'
complies app.json
