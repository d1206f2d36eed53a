# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
# shellcheck disable=SC2016
printf '#!/bin/sh\ni=0\nwhile [ $i -lt 60000 ]; do i=$((i + 1)); done\n' >old
{ cat old && echo 'exit 0'; } >new
chmod +x old new
rustscope bench-run -q -n 4 --allow-undecided --seed 7 --launches 2 --baseline ./old --current ./new --name job -o run.json
[ "$(value run.json 'd["sampling_diagnostics"]["backend"]')" = perf ] || { echo "perf is not permitted here" >&2; exit 77; }
# Of each trial, what its samples stand for beside the CPU time of its two launches.
cat >shares.py <<'END'
import json
d = json.load(open("run.json"))
trials = d["benchmarks"][0]["trials"]
samples, cpu = trials["samples"], trials["metrics"]["cpu"]["values"]
at = 0
for n, ns, arm in zip(samples["n_stacks"], cpu, trials["arm"]):
    share = sum(samples["weight_ns"][at:at + n]) / (2 * ns)
    at += n
    print(("baseline", "current")[arm], "about its CPU time" if 0.5 < share < 1.5 else share)
stacks, frames = d["profile"]["stacks"], d["profile"]["frames"]
print(all(s is None or s < len(stacks["frame"]) for s in samples["stack"]), at == len(samples["stack"]))
END
python3 shares.py | sort
value run.json '[d["noise"]["sampling_rate_hz"], d["sampling_diagnostics"]["n_dropped_samples"]]'
value run.json 'any(m["path"].endswith("sh") and m["kind"] == "file" for m in d["profile"]["modules"])'
complies run.json
