# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
deny=$BUILD/tests/programs/deny
"$deny" perf_event_open -- true || { echo "no system call can be denied here" >&2; exit 77; }
"$deny" perf_event_open -- rustscope doctor --json >doctor.json
value doctor.json 'd["sampler"] in ("ptrace", "none")'
[ "$(value doctor.json 'd["sampler"]')" = ptrace ] || { echo "ptrace is not permitted here" >&2; exit 77; }
status "$deny" perf_event_open -- rustscope record -v -o ptrace.json -- "$BUILD/tests/programs/workers" 1 400 >out 2>err
value ptrace.json 'd["sampling_diagnostics"]["backend"], d["sampling_diagnostics"]["fallback_used"], len(d["profile"]["samples"]["at_ns"]) > 0'
value ptrace.json '"perf" in d["sampling_diagnostics"]["backend_reason"], d["process_summary"]["exit_status"]'
status "$deny" perf_event_open -- rustscope record --sampler perf -o none.json -- true 2>refused
grep -c 'cannot sample with perf' refused
# Neither (nor may the leak sanitizer trace us then): the process is still watched, and the reason is said and kept.
export ASAN_OPTIONS=detect_leaks=0
status "$deny" perf_event_open ptrace process_vm_readv -- rustscope record -o metrics.json -- "$BUILD/tests/programs/workers" 1 400 >out 2>err
value metrics.json 'd["sampling_diagnostics"]["backend"], len(d["profile"]["samples"]["at_ns"]), len(d["process_samples"]) > 0'
value metrics.json '"perf" in d["sampling_diagnostics"]["backend_reason"] and "ptrace" in d["sampling_diagnostics"]["backend_reason"]'
grep -c '^rustscope: warning: no samples are taken' err
complies ptrace.json metrics.json
ls
