# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
rustscope recover -o all.json "$FIXTURES/history/valid/killed-recording/buffer"
value all.json '"%s complete=%s, %s" % (d["created_at"], d["complete"], d["warnings"])'
value all.json '"%d samples, %d looks, %d events, %d locks" % (len(d["profile"]["samples"]["thread"]),
    len(d["process_samples"]), len(d["timeline_events"]), len(d["locks"]))'
value all.json '", ".join(m["kind"] + " " + m["path"] for m in d["profile"]["modules"])'
value all.json '", ".join(sorted(t["name"] for t in d["profile"]["threads"]))'
value all.json 'd["sampling_diagnostics"]["backend"], d["sampling_diagnostics"]["n_raw_samples"]'
rustscope recover --last 10s "$FIXTURES/history/valid/killed-recording/buffer"
value session.json '"%d samples, %d looks" % (len(d["profile"]["samples"]["thread"]), len(d["process_samples"]))'
rustscope recover -o - "$FIXTURES/history/valid/killed-recording/buffer" | cmp - all.json >/dev/null || echo another run_id
