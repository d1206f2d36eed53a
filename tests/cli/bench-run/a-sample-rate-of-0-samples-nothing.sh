# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 130
sampled() { value run.json '["profile" in d, "samples" in d["benchmarks"][0]["trials"], d["noise"]["sampling_rate_hz"]]'; }
collect old new --trials 2 --allow-undecided --sample-rate 0 && sampled
collect old new --trials 2 --allow-undecided --sampler none && sampled
cat >rustscope.yml <<'END'
version: 1
sample-rate: 0
benchmarks:
  - name: a
    baseline: {command: ./old}
    current: {command: ./new}
END
rustscope bench-run -q -c rustscope.yml -n 2 --allow-undecided --launches 1 -o run.json && sampled
rustscope bench-run -q -c rustscope.yml -n 2 --allow-undecided --launches 1 --sample-rate 99 -o run.json && value run.json '"profile" in d'
status collect old new --sample-rate -1
status collect old new --sampler gdb
