# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
status rustscope record -o app.json -- "$BUILD/tests/programs/workers" 2 200 >out 2>err
value app.json 'd["process_summary"]["exit_status"], d["process_summary"]["name"], d["process_summary"]["command"][1:]'
# Each sample weighs what it stands for: together, the CPU time of the command.
value app.json '0.4 < sum(d["profile"]["samples"]["weight_ns"]) / (d["process_summary"]["cpu_user_ns"] + d["process_summary"]["cpu_system_ns"]) < 2.5'
value app.json 'any(m["path"].endswith("/workers") for m in d["profile"]["modules"])'
value app.json 'd["sampling_diagnostics"]["stack_ends"]["complete"] / sum(d["sampling_diagnostics"]["stack_ends"].values()) > 0.8'
value app.json 'len(d["profile"]["threads"]) >= 2, len(d["process_samples"]) >= 1, d["complete"], d["machine"]["hostname"] != ""'
value app.json 'd["process_summary"]["peak_threads"] >= 2, d["process_summary"]["peak_rss_bytes"] > 100000, d["sampling_diagnostics"]["wall_ns"] > 0'
complies app.json
