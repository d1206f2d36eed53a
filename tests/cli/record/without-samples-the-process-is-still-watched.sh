# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
rustscope record --sampler none -v -o app.json -- sh -c 'sleep 0.4' 2>err || echo "status $?"
value app.json 'd["sampling_diagnostics"]["backend"], len(d["profile"]["samples"]["at_ns"]), len(d["process_samples"]) >= 2'
grep -c 'no samples' err
rustscope record --sample-rate 0 -q -o app.json -- true || echo "status $?"
value app.json 'd["sampling_diagnostics"]["backend"]'
