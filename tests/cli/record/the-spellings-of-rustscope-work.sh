# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
"$BUILD/tests/programs/workers" 1 0 >out &
target=$!
ends_with_us $target
status rustscope --pid $target --name my-api --duration 1 --sample-rate 49 --output one.json -v 2>err
kill $target
value one.json 'd["process_summary"]["name"], d["process_summary"]["process_id"] == '$target
value one.json 'd["sampling_diagnostics"]["sample_rate_hz"] in (49, None)'
# shellcheck disable=SC2016 # for the command
status rustscope --output two.json -- sh -c 'echo "$1"' x 'an argument' 2>err
value two.json 'd["process_summary"]["command"]'
status rustscope --doctor >doctor
grep -c '^rustscope record takes samples with' doctor
rustscope --doctor --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["format"])'
complies one.json two.json
