# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 130
export ASAN_OPTIONS=detect_leaks=0 # which would need ptrace
deny=$BUILD/tests/programs/deny
"$deny" perf_event_open -- true || { echo "no system call can be denied here" >&2; exit 77; }
denied() { "$deny" perf_event_open ptrace process_vm_readv -- rustscope "$@"; }
status denied bench-run --baseline ./old --current ./new --metric work --launches 1 --name job --seed 7 -o run.json 2>said
sed -n 's/: perf: .*/: perf: .../p' said
value run.json 'd["sampling_diagnostics"]["backend"], "samples" in d["benchmarks"][0]["trials"], d["noise"]["sampling_rate_hz"]'
value run.json '[p in d["sampling_diagnostics"]["backend_reason"] for p in ("perf: ", "ptrace: ")]'
status rustscope compare run.json -o verdict.json >log 2>&1
verdicts verdict.json
# A sampler that was asked for is not replaced.
status denied bench-run -q --baseline ./old --current ./new --metric work --launches 1 --sampler perf -o none.json 2>said
sed -n 's/perf: .*/perf: .../p' said
