# SPDX-License-Identifier: GPL-3.0-or-later
[ -c /dev/full ] || { echo "there is no /dev/full" >&2; exit 77; }
old=$FIXTURES/rustscope-0.5/valid/complete/input.json
rustscope compare "$old" "$old" >/dev/null 2>&1
echo "status $?"
rustscope compare "$old" "$old" >/dev/full 2>err
echo "status $?"
tail -n 1 err
rustscope compare "$old" "$old" -o /dev/full/verdict.json >/dev/null 2>err
echo "status $?"
